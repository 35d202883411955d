//! The instructions of classic BPF, as Linux takes them from a socket's owner.

use std::fmt;

/// An instruction as it's laid out in `struct sock_filter`, of any value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Raw {
    /// What it does.
    pub code: u16,
    /// How many instructions a comparison that holds goes on from the next one.
    pub jt: u8,
    /// The same of one that doesn't.
    pub jf: u8,
    /// The number in it.
    pub k: u32,
}

/// An instruction. A is the accumulator, X the index, M the memory of sixteen words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Insn {
    /// `A = packet[k]`, in the network's order.
    LoadAbs(Width, u32),
    /// `A = packet[X + k]`, in the network's order.
    LoadInd(Width, u32),
    /// The packet's length, into A or X.
    LoadLen(Register),
    /// A number.
    LoadImm(Register, u32),
    /// `M[k]`
    LoadMem(Register, u8),
    /// `X = 4 * (packet[k] & 0xf)`: the length of an IPv4 header.
    LoadMsh(u32),
    /// `M[k] = A` or X.
    Store(Register, u8),
    /// `A = A op` a number or X.
    Alu(Op, Operand),
    /// `A = -A`
    Neg,
    /// Goes on so many instructions after the next one.
    Jump(u32),
    /// Compares A.
    JumpIf {
        /// The comparison.
        test: Test,
        /// With what.
        with: Operand,
        /// How many instructions to go on from the next one if it holds.
        jt: u8,
        /// The same if it doesn't.
        jf: u8,
    },
    /// The filter's answer: a number.
    Return(u32),
    /// The filter's answer: A.
    ReturnA,
    /// `X = A`
    Tax,
    /// `A = X`
    Txa,
}

/// The bytes that a load takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the names say it
pub enum Width {
    Byte,
    Half,
    Word,
}

/// A or X.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // named as in the manuals
pub enum Register {
    A,
    X,
}

/// The second operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operand {
    /// A number.
    K(u32),
    /// The index.
    X,
}

/// An operation of 32 bits, unsigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the names say it
pub enum Op {
    Add,
    Sub,
    Mul,
    Div,
    Or,
    And,
    Lsh,
    Rsh,
    Mod,
    Xor,
}

/// A comparison of 32 bits, unsigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Test {
    /// `==`
    Eq,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `&`: some bit in common.
    Set,
}

impl Width {
    /// The number of bytes.
    pub const fn bytes(self) -> u32 {
        match self {
            Self::Byte => 1,
            Self::Half => 2,
            Self::Word => 4,
        }
    }
}

/// Classes: the lowest three bits.
mod class {
    pub(super) const LD: u16 = 0;
    pub(super) const LDX: u16 = 1;
    pub(super) const ST: u16 = 2;
    pub(super) const STX: u16 = 3;
    pub(super) const ALU: u16 = 4;
    pub(super) const JMP: u16 = 5;
    pub(super) const RET: u16 = 6;
    pub(super) const MISC: u16 = 7;
}

/// Modes of loads: bits 5 to 7.
mod mode {
    pub(super) const IMM: u16 = 0x00;
    pub(super) const ABS: u16 = 0x20;
    pub(super) const IND: u16 = 0x40;
    pub(super) const MEM: u16 = 0x60;
    pub(super) const LEN: u16 = 0x80;
    pub(super) const MSH: u16 = 0xa0;
}

/// Sizes of loads: bits 3 and 4.
const WIDTHS: [(Width, u16); 3] = [(Width::Word, 0x00), (Width::Half, 0x08), (Width::Byte, 0x10)];
const BYTE: u16 = 0x10;

/// The operand is X: bit 3.
const X: u16 = 0x08;
/// The answer is A.
const RETURN_A: u16 = 0x10;
const NEG: u16 = 0x80;
const TXA: u16 = 0x80;

const OPS: [(Op, u16); 10] = [
    (Op::Add, 0x00),
    (Op::Sub, 0x10),
    (Op::Mul, 0x20),
    (Op::Div, 0x30),
    (Op::Or, 0x40),
    (Op::And, 0x50),
    (Op::Lsh, 0x60),
    (Op::Rsh, 0x70),
    (Op::Mod, 0x90),
    (Op::Xor, 0xa0),
];

const TESTS: [(Test, u16); 4] = [(Test::Eq, 0x10), (Test::Gt, 0x20), (Test::Ge, 0x30), (Test::Set, 0x40)];

fn by_code<T: Copy>(table: &[(T, u16)], code: u16) -> Option<T> {
    table.iter().find(|row| row.1 == code).map(|row| row.0)
}

fn code_of<T: PartialEq>(table: &[(T, u16)], value: &T) -> u16 {
    table.iter().find(|row| row.0 == *value).map_or(0, |row| row.1)
}

impl Insn {
    /// The instruction of a raw one, if it is one of Linux's.
    pub fn decode(raw: Raw) -> Option<Self> {
        let Raw { code, jt, jf, k } = raw;
        // The fields below are of the lower byte.
        let code = u16::from(u8::try_from(code).ok()?);
        let (operation, upper) = (code & 0xf0, code & !7);
        let operand = if code & X == 0 { Operand::K(k) } else { Operand::X };
        let word = || u8::try_from(k).ok();
        Some(match code & 7 {
            class::LD => {
                let width = by_code(&WIDTHS, code & 0x18)?;
                match (code & 0xe0, width) {
                    (mode::ABS, _) => Self::LoadAbs(width, k),
                    (mode::IND, _) => Self::LoadInd(width, k),
                    (mode::LEN, Width::Word) => Self::LoadLen(Register::A),
                    (mode::IMM, Width::Word) => Self::LoadImm(Register::A, k),
                    (mode::MEM, Width::Word) => Self::LoadMem(Register::A, word()?),
                    _ => return None,
                }
            }
            class::LDX => match upper {
                mode::IMM => Self::LoadImm(Register::X, k),
                mode::MEM => Self::LoadMem(Register::X, word()?),
                mode::LEN => Self::LoadLen(Register::X),
                upper if upper == mode::MSH | BYTE => Self::LoadMsh(k),
                _ => return None,
            },
            class::ST if upper == 0 => Self::Store(Register::A, word()?),
            class::STX if upper == 0 => Self::Store(Register::X, word()?),
            class::ALU if upper == NEG => Self::Neg,
            class::ALU if upper & !0xf8 == 0 => Self::Alu(by_code(&OPS, operation)?, operand),
            class::JMP if upper == 0 => Self::Jump(k),
            class::JMP if upper & !0xf8 == 0 => {
                Self::JumpIf { test: by_code(&TESTS, operation)?, with: operand, jt, jf }
            }
            class::RET if upper == 0 => Self::Return(k),
            class::RET if upper == RETURN_A => Self::ReturnA,
            class::MISC if upper == 0 => Self::Tax,
            class::MISC if upper == TXA => Self::Txa,
            _ => return None,
        })
    }

    /// Its raw form.
    pub fn encode(self) -> Raw {
        let at = |code, k| Raw { code, jt: 0, jf: 0, k };
        let load = |register| if register == Register::A { class::LD } else { class::LDX };
        let operand = |with| match with {
            Operand::K(k) => (0, k),
            Operand::X => (X, 0),
        };
        match self {
            Self::LoadAbs(width, k) => at(class::LD | mode::ABS | code_of(&WIDTHS, &width), k),
            Self::LoadInd(width, k) => at(class::LD | mode::IND | code_of(&WIDTHS, &width), k),
            Self::LoadLen(register) => at(load(register) | mode::LEN, 0),
            Self::LoadImm(register, k) => at(load(register) | mode::IMM, k),
            Self::LoadMem(register, k) => at(load(register) | mode::MEM, k.into()),
            Self::LoadMsh(k) => at(class::LDX | mode::MSH | BYTE, k),
            Self::Store(Register::A, k) => at(class::ST, k.into()),
            Self::Store(Register::X, k) => at(class::STX, k.into()),
            Self::Alu(op, with) => at(class::ALU | code_of(&OPS, &op) | operand(with).0, operand(with).1),
            Self::Neg => at(class::ALU | NEG, 0),
            Self::Jump(k) => at(class::JMP, k),
            Self::JumpIf { test, with, jt, jf } => {
                let (x, k) = operand(with);
                Raw { code: class::JMP | code_of(&TESTS, &test) | x, jt, jf, k }
            }
            Self::Return(k) => at(class::RET, k),
            Self::ReturnA => at(class::RET | RETURN_A, 0),
            Self::Tax => at(class::MISC, 0),
            Self::Txa => at(class::MISC | TXA, 0),
        }
    }

    /// The mnemonic and its operand, as `tcpdump -d` writes them. The targets of comparisons aren't among them.
    pub(super) fn words(self) -> (&'static str, String) {
        let load = |width| match width {
            Width::Word => "ld",
            Width::Half => "ldh",
            Width::Byte => "ldb",
        };
        let to = |register| if register == Register::A { "ld" } else { "ldx" };
        let decimal = |with| match with {
            Operand::K(k) => format!("#{}", k.cast_signed()),
            Operand::X => "x".to_owned(),
        };
        let hex = |with| match with {
            Operand::K(k) => format!("#{k:#x}"),
            Operand::X => "x".to_owned(),
        };
        match self {
            Self::LoadAbs(width, k) => (load(width), format!("[{}]", k.cast_signed())),
            Self::LoadInd(width, k) => (load(width), format!("[x + {}]", k.cast_signed())),
            Self::LoadLen(register) => (to(register), "#pktlen".to_owned()),
            Self::LoadImm(register, k) => (to(register), format!("#{k:#x}")),
            Self::LoadMem(register, k) => (to(register), format!("M[{k}]")),
            Self::LoadMsh(k) => ("ldxb", format!("4*([{}]&0xf)", k.cast_signed())),
            Self::Store(Register::A, k) => ("st", format!("M[{k}]")),
            Self::Store(Register::X, k) => ("stx", format!("M[{k}]")),
            Self::Alu(op, with) => match op {
                Op::Add => ("add", decimal(with)),
                Op::Sub => ("sub", decimal(with)),
                Op::Mul => ("mul", decimal(with)),
                Op::Div => ("div", decimal(with)),
                Op::Mod => ("mod", decimal(with)),
                Op::Lsh => ("lsh", decimal(with)),
                Op::Rsh => ("rsh", decimal(with)),
                Op::And => ("and", hex(with)),
                Op::Or => ("or", hex(with)),
                Op::Xor => ("xor", hex(with)),
            },
            Self::Neg => ("neg", String::new()),
            Self::Jump(_) => ("ja", String::new()),
            Self::JumpIf { test, with, .. } => {
                let mnemonic = match test {
                    Test::Eq => "jeq",
                    Test::Gt => "jgt",
                    Test::Ge => "jge",
                    Test::Set => "jset",
                };
                (mnemonic, hex(with))
            }
            Self::Return(k) => ("ret", format!("#{}", k.cast_signed())),
            Self::ReturnA => ("ret", String::new()),
            Self::Tax => ("tax", String::new()),
            Self::Txa => ("txa", String::new()),
        }
    }

    /// The line of `tcpdump -d` for the instruction at a place, without its number.
    pub(super) fn line(self, at: usize) -> String {
        let (mnemonic, operand) = self.words();
        match self {
            Self::Jump(k) => format!("ja       {}", at as u64 + 1 + u64::from(k)),
            Self::JumpIf { jt, jf, .. } => {
                let (jt, jf) = (at + 1 + usize::from(jt), at + 1 + usize::from(jf));
                format!("{mnemonic:<8} {operand:<16} jt {jt}\tjf {jf}")
            }
            _ => format!("{mnemonic:<8} {operand}").trim_end().to_owned(),
        }
    }
}

impl fmt::Display for Raw {
    /// Four decimal numbers, as `tcpdump -ddd` writes them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.code, self.jt, self.jf, self.k)
    }
}
