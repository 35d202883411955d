//! Filters out of what `tcpdump` prints: `-d` for people, `-dd` for C, `-ddd` for programs.

use std::str::FromStr;

use super::insn::{Insn, Op, Operand, Raw, Register, Test, Width};
use super::{ClassicError, Filter};

impl FromStr for Filter {
    type Err = ClassicError;

    /// Reads what `tcpdump` prints for `-d`, `-dd` or `-ddd`. Which of them it is, is told line by line.
    fn from_str(text: &str) -> Result<Self, ClassicError> {
        let (mut raw, mut announced) = (Vec::new(), None);
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if announced.is_none()
                && raw.is_empty()
                && let Ok(count) = line.parse::<usize>()
            {
                announced = Some(count);
                continue;
            }
            let read = numbers(line).or_else(|| words(line, raw.len()));
            raw.push(read.ok_or_else(|| ClassicError::Line { line: index + 1, text: shown(line) })?);
        }
        if let Some(announced) = announced.filter(|announced| *announced != raw.len()) {
            return Err(ClassicError::Count { announced, found: raw.len() });
        }
        Self::new(&raw)
    }
}

/// The beginning of a line, without what could move a terminal's cursor.
fn shown(line: &str) -> String {
    line.chars().filter(|c| !c.is_control()).take(80).collect()
}

/// `40 0 0 12`, or `{ 0x28, 0, 0, 0x0000000c },`.
fn numbers(line: &str) -> Option<Raw> {
    let line = line.strip_suffix(',').unwrap_or(line);
    let inner = line.strip_prefix('{').and_then(|line| line.strip_suffix('}'));
    let separator = if inner.is_some() { ',' } else { ' ' };
    let mut fields = inner.unwrap_or(line).split(separator).map(str::trim).filter(|field| !field.is_empty());
    let mut next = || number(fields.next()?);
    let raw = Raw {
        code: next()?.try_into().ok()?,
        jt: next()?.try_into().ok()?,
        jf: next()?.try_into().ok()?,
        k: next()?,
    };
    fields.next().is_none().then_some(raw)
}

/// A number of 32 bits, decimal with a sign or hexadecimal.
fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => text.parse().ok().or_else(|| text.parse().ok().map(i32::cast_unsigned)),
    }
}

/// `(001) jeq      #0x800           jt 2 jf 5`: the instruction at a place.
fn words(line: &str, at: usize) -> Option<Raw> {
    let line = match line.strip_prefix('(') {
        Some(rest) => {
            let (index, rest) = rest.split_once(')')?;
            (index.parse() == Ok(at)).then_some(rest)?
        }
        None => line,
    };
    let (mnemonic, rest) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
    let (operand, targets) = match rest.find("jt ") {
        Some(split) => (rest[..split].trim(), Some(rest[split + 3..].split_once("jf ")?)),
        None => (rest.trim(), None),
    };
    let distance = |to: &str| to.trim().parse::<usize>().ok()?.checked_sub(at + 1);
    let insn = match (targets, test(mnemonic)) {
        (Some((jt, jf)), Some(test)) => Insn::JumpIf {
            test,
            with: value(operand)?,
            jt: distance(jt)?.try_into().ok()?,
            jf: distance(jf)?.try_into().ok()?,
        },
        (None, None) if mnemonic == "ja" => Insn::Jump(distance(operand)?.try_into().ok()?),
        (None, None) => plain(mnemonic, operand)?,
        _ => return None,
    };
    Some(insn.encode())
}

fn test(mnemonic: &str) -> Option<Test> {
    Some(match mnemonic {
        "jeq" => Test::Eq,
        "jgt" => Test::Gt,
        "jge" => Test::Ge,
        "jset" => Test::Set,
        _ => return None,
    })
}

/// `#5`, `#0x5` or `x`.
fn value(operand: &str) -> Option<Operand> {
    match operand.strip_prefix('#') {
        Some(digits) => number(digits).map(Operand::K),
        None => (operand == "x").then_some(Operand::X),
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    text.strip_prefix(start)?.strip_suffix(end)
}

/// An instruction that doesn't jump.
fn plain(mnemonic: &str, operand: &str) -> Option<Insn> {
    let memory = |operand| between(operand, "M[", "]")?.parse().ok();
    Some(match (mnemonic, operand) {
        ("neg", "") => Insn::Neg,
        ("tax", "") => Insn::Tax,
        ("txa", "") => Insn::Txa,
        ("ret", "") => Insn::ReturnA,
        ("ret", _) => match value(operand)? {
            Operand::K(k) => Insn::Return(k),
            Operand::X => return None,
        },
        ("st", _) => Insn::Store(Register::A, memory(operand)?),
        ("stx", _) => Insn::Store(Register::X, memory(operand)?),
        ("ldxb", _) => Insn::LoadMsh(number(between(operand, "4*([", "]&0xf)")?)?),
        ("ldb", _) => from_packet(Width::Byte, operand)?,
        ("ldh", _) => from_packet(Width::Half, operand)?,
        ("ld" | "ldx", _) => {
            let register = if mnemonic == "ld" { Register::A } else { Register::X };
            match (operand, value(operand)) {
                ("#pktlen", _) => Insn::LoadLen(register),
                (_, Some(Operand::K(k))) => Insn::LoadImm(register, k),
                _ if operand.starts_with('M') => Insn::LoadMem(register, memory(operand)?),
                _ if register == Register::A => from_packet(Width::Word, operand)?,
                _ => return None,
            }
        }
        _ => Insn::Alu(operation(mnemonic)?, value(operand)?),
    })
}

fn from_packet(width: Width, operand: &str) -> Option<Insn> {
    match between(operand, "[x + ", "]") {
        Some(offset) => number(offset).map(|k| Insn::LoadInd(width, k)),
        None => number(between(operand, "[", "]")?).map(|k| Insn::LoadAbs(width, k)),
    }
}

fn operation(mnemonic: &str) -> Option<Op> {
    Some(match mnemonic {
        "add" => Op::Add,
        "sub" => Op::Sub,
        "mul" => Op::Mul,
        "div" => Op::Div,
        "mod" => Op::Mod,
        "and" => Op::And,
        "or" => Op::Or,
        "xor" => Op::Xor,
        "lsh" => Op::Lsh,
        "rsh" => Op::Rsh,
        _ => return None,
    })
}
