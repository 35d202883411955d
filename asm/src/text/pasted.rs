//! Text that a kernel or a tool of the kernel's has written: verifier logs, and what `bpftool prog dump xlated` prints.
//!
//! Both have `N: (op)` before their instructions and much else around them. A log repeats an instruction for each path that
//! comes by, and leaves out what no path comes to; a dump has each once. What bpftool writes differently than the verifier
//! (`map[id:7]`, `subprog[+3]`, the name of the function that a helper became) is read as the bytes that it stands for.
//!
//! Source: the output of bpftool 7.1 and 7.5, and the logs of eleven kernels that `verifier-cases/logs` holds.

use std::collections::BTreeMap;

use super::lexer::{Span, Token, tokens};
use super::parser::{Line, Mistake};
use super::syntax;
use crate::insn::{Imm64, Insn};
use crate::opcode;
use crate::program::Code;
use crate::reg::Reg;
use crate::slot::Slot;
use knockwright_linux::kfunc::Kfunc;
use knockwright_linux::{Helper, HelperId};

/// Who wrote a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// A person, or [`Listing`](super::Listing).
    Source,
    /// The verifier.
    Log,
    /// bpftool, or whoever cut instructions out of a log.
    Dump,
}

/// What stands in the place of a slot that a log doesn't show: what the kernel puts where code can't be reached.
const UNREACHED: &str = "goto pc-1";

impl Origin {
    fn of(text: &str) -> Self {
        let mut has_slots = false;
        let mut is_log = false;
        for line in text.lines() {
            let line = line.trim();
            if line.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase())) {
                return Self::Source; // a directive
            }
            has_slots |= Numbered::read(line).is_some();
            is_log |= is_mark_of_log(line);
        }
        match (is_log, has_slots) {
            (true, _) => Self::Log,
            (false, true) => Self::Dump,
            (false, false) => Self::Source,
        }
    }
}

/// Whether nothing but a verifier writes such a line.
fn is_mark_of_log(line: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let state = |line: &str| {
        line.split_once(": R").is_some_and(|(number, rest)| {
            is_number(number) && rest.starts_with(|c: char| c.is_ascii_digit()) && rest.contains('=')
        })
    };
    let from_to = |line: &str| {
        let rest = line.strip_prefix("from ").and_then(|rest| rest.split_once(" to "));
        rest.is_some_and(|(from, _)| is_number(from))
    };
    line == "func#0 @0"
        || line == "Live regs before insn:"
        || line.split_once("processed ").is_some_and(|(_, rest)| rest.contains(" insns (limit "))
        || state(line)
        || from_to(line)
}

/// A line with an instruction of a log or a dump.
///
/// ```text
/// 5: (b7) r0 = 2           ; R0_w=2
///       5: 0......... (b7) r0 = 2        (the table of live registers)
/// ```
struct Numbered<'t> {
    slot: usize,
    /// The instruction, perhaps with a comment after it.
    insn: &'t str,
}

impl<'t> Numbered<'t> {
    fn read(line: &'t str) -> Option<Self> {
        // A tabulator separates the instruction from what the tables of Linux 7.1 and later say of its stack use.
        let line = line.trim_start().split('\t').next()?;
        let (number, rest) = line.split_once(": ")?;
        let (live, code) = rest.split_at(rest.find('(')?);
        let (opcode, insn) = code.strip_prefix('(')?.split_once(") ")?;
        let is_opcode = opcode.len() == 2 && opcode.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_table = live.bytes().all(|byte| matches!(byte, b'.' | b' ' | b'0'..=b'9'));
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        (is_opcode && is_table && is_number).then_some(())?;
        Some(Self { slot: number.parse().ok()?, insn })
    }
}

/// The lines of a text that may be code, and what is to be said of the others.
pub(super) struct Sifted<'t> {
    pub(super) origin: Origin,
    pub(super) lines: Vec<Line<'t>>,
    pub(super) notes: Vec<String>,
    pub(super) mistakes: Vec<(Mistake, Line<'t>)>,
}

/// Leaves out of a log or a dump what isn't code.
pub(super) fn sift(text: &str) -> Sifted<'_> {
    let origin = Origin::of(text);
    let lines = (1..).zip(text.lines());
    let lines = match origin {
        Origin::Log => return of_log(lines),
        Origin::Source => lines.map(|(number, text)| Line { number, text, tokens: tokens(text) }).collect(),
        Origin::Dump => lines
            .filter_map(|(number, text)| match Numbered::read(text) {
                Some(insn) => Some(instruction(number, text, &insn)),
                None => Some(Line { number, text, tokens: tokens(text) }).filter(may_be_code),
            })
            .collect(),
    };
    Sifted { origin, lines, notes: Vec::new(), mistakes: Vec::new() }
}

/// The line with the tokens of its instruction alone. Columns stay those of the line.
fn instruction<'t>(number: usize, text: &'t str, numbered: &Numbered<'t>) -> Line<'t> {
    let before = text.find(numbered.insn).map_or(0, |start| text[..start].chars().count());
    let mut tokens = tokens(numbered.insn);
    for (_, span) in &mut tokens {
        span.column += before;
    }
    Line { number, text, tokens }
}

/// Whether a line without a slot's number starts as an instruction or a label does.
fn may_be_code(line: &Line<'_>) -> bool {
    const STARTS: &[&str] = &["if", "goto", "gotol", "gotox", "may_goto", "call", "exit", "lock"];
    match line.tokens.as_slice() {
        [(Token::Mark("*"), _), ..] => true,
        [(Token::Word(word), _), (Token::Mark(":"), _)] => !word.starts_with(|c: char| c.is_ascii_digit()),
        [(Token::Word(word), _), rest @ ..] => {
            let number = word.strip_prefix(['r', 'w']).and_then(|number| number.parse().ok());
            let is_register = number.is_some_and(|number| Reg::from_number(number).is_some());
            is_register && !rest.is_empty() || STARTS.contains(word) && syntax::parse(&line.tokens).is_ok()
        }
        _ => false,
    }
}

/// Each instruction of a log once, in the order of the slots.
fn of_log<'t>(lines: impl Iterator<Item = (usize, &'t str)>) -> Sifted<'t> {
    let mut by_slot: BTreeMap<usize, Line<'t>> = BTreeMap::new();
    let mut mistakes = Vec::new();
    let mut first = "";
    for (number, text) in lines {
        if number == 1 {
            first = text;
        }
        let Some(numbered) = Numbered::read(text) else { continue };
        let line = instruction(number, text, &numbered);
        let span = line.tokens.first().map_or(Span { column: 1, len: 1 }, |(_, span)| *span);
        match by_slot.get(&numbered.slot) {
            None => {
                by_slot.insert(numbered.slot, line);
            }
            Some(first) if is_same(first, &line) => {}
            Some(first) => {
                let (slot, first) = (numbered.slot, first.number);
                let message =
                    format!("instruction {slot} is another one on line {first}: give the log of one program");
                mistakes.push((Mistake::new(span, message), line));
            }
        }
    }
    if by_slot.is_empty() {
        let message = "this is a verifier's log without any instruction: give one of level 1 or 2";
        let line = Line { number: 1, text: first, tokens: Vec::new() };
        mistakes.push((Mistake::new(Span { column: 1, len: 1 }, message), line));
    }
    let mut sifted = Sifted { origin: Origin::Log, lines: Vec::new(), notes: Vec::new(), mistakes };
    let mut missing = Vec::new();
    let mut left = MAX_FILLED;
    let mut next = 0;
    let mut end = End::default();
    for (slot, line) in by_slot {
        if slot > next {
            missing.push((next, slot - 1));
            let Some(more) = left.checked_sub(slot - next) else {
                let message =
                    format!("the log doesn't show the slots {next} to {}: too many to go on", slot - 1);
                sifted.mistakes.push((Mistake::new(Span { column: 1, len: 1 }, message), line));
                break;
            };
            left = more;
            let filled = || Line { number: line.number, text: UNREACHED, tokens: tokens(UNREACHED) };
            sifted.lines.extend((next..slot).map(|_| filled()));
        }
        let insn = insn_of(&line);
        next = slot + insn.map_or(1, |insn| insn.slots());
        end.note(slot, insn);
        sifted.lines.push(line);
    }
    sifted.notes.extend(note(&missing));
    if end.is_before(next) {
        sifted.notes.push(format!("the log ends after slot {}, and the program goes on", next - 1));
    }
    sifted
}

/// Where the instructions of a log lead.
#[derive(Default)]
struct End {
    /// The last slot that a jump or a call leads to.
    farthest: i64,
    /// Whether the last instruction goes on to the next.
    falls_through: bool,
}

impl End {
    /// Notes an instruction after all before it.
    fn note(&mut self, slot: usize, insn: Option<Insn>) {
        let Some(insn) = insn else { return };
        let distance = match insn {
            Insn::CallLocal { off } | Insn::LoadImm64 { value: Imm64::Func(off), .. } => Some(off),
            _ => insn.jump_offset(),
        };
        let target = distance.map_or(0, |distance| slot as i64 + 1 + i64::from(distance));
        self.farthest = self.farthest.max(target);
        self.falls_through = insn.falls_through();
    }

    /// Whether the program has more than the slots before this one.
    fn is_before(&self, next: usize) -> bool {
        next > 0 && (self.falls_through || self.farthest >= next as i64)
    }
}

/// How many slots that a log doesn't show are filled: a line with a large number is quickly written.
const MAX_FILLED: usize = 65_536;

fn note(missing: &[(usize, usize)]) -> Option<String> {
    const SHOWN: usize = 5;
    if missing.is_empty() {
        return None;
    }
    let range = |&(first, last): &(usize, usize)| match first == last {
        true => format!("{first}"),
        false => format!("{first} to {last}"),
    };
    let mut ranges: Vec<String> = missing.iter().take(SHOWN).map(range).collect();
    if missing.len() > SHOWN {
        ranges.push("others".to_owned());
    }
    Some(format!(
        "the log doesn't show the slots {}: `{UNREACHED}` stands there, as the kernel puts it where no path leads",
        ranges.join(", ")
    ))
}

/// Whether two lines have the same instruction. The address of a map may be hidden in one of them.
fn is_same(first: &Line<'_>, second: &Line<'_>) -> bool {
    let (one, other) = (first.tokens.iter(), second.tokens.iter());
    one.map(|(token, _)| *token).eq(other.map(|(token, _)| *token)) || is_wide(first) && is_wide(second)
}

/// The instruction of a line, if it's one that the table has.
fn insn_of(line: &Line<'_>) -> Option<Insn> {
    syntax::parse(&read_as_bytes(&line.tokens)).ok().map(|parsed| parsed.insn)
}

/// Whether the instruction takes two slots: the log writes its constant in hexadecimal, those of others in decimal.
fn is_wide(line: &Line<'_>) -> bool {
    insn_of(line).is_some_and(|insn| insn.slots() == 2)
}

/// The tokens with what only bpftool writes replaced by what a listing has for the same bytes.
pub(super) fn read_as_bytes<'a>(tokens: &[(Token<'a>, Span)]) -> Vec<(Token<'a>, Span)> {
    let mut read = Vec::with_capacity(tokens.len() + 3);
    let mut rest = tokens;
    while let Some((&(token, span), after)) = rest.split_first() {
        rest = after;
        match (token, after) {
            // The map's id stands where the file descriptor was.
            (Token::Word("map"), [open, (Token::Word("id"), id), after @ ..])
                if open.0 == Token::Mark("[") =>
            {
                read.extend([(token, span), *open, (Token::Word("fd"), *id)]);
                rest = after;
            }
            (Token::Word("subprog"), [open, after @ ..]) if open.0 == Token::Mark("[") => {
                read.extend([(Token::Word("func"), span), *open, (Token::Word("pc"), span)]);
                rest = after;
            }
            // `call pc+15#bpf_prog_6deef7357e7b4530_name`
            (Token::Word("call"), [(Token::Word("pc"), _), ..]) => {
                let is_name = |(token, _): &&(Token<'_>, Span)| *token != Token::Mark("#");
                read.push((token, span));
                read.extend(after.iter().take_while(is_name));
                rest = &[];
            }
            _ => read.push((token, span)),
        }
    }
    read
}

/// `BPF_ST_NOSPEC()` of `include/linux/filter.h`: no speculation beyond this.
const NOSPEC: u8 = opcode::class::ST | 0xc0;
const MOV64_REG: u8 = opcode::class::ALU64 | opcode::source::X | opcode::alu::MOV;
/// `BPF_ADDR_PERCPU` of `include/linux/filter.h`, the offset of a move that makes an address one of this processor.
const ADDR_PERCPU: i16 = -1;

/// An instruction that only the kernel makes out of a program, or that is written as only the kernel does.
pub(super) fn of_kernel(tokens: &[(Token<'_>, Span)], origin: Origin) -> Option<Code> {
    let words: Vec<&str> = tokens.iter().map(|(token, _)| token.text()).collect();
    let register = |word: &str| word.strip_prefix('r')?.parse().ok().filter(|number| *number <= 10);
    match words.as_slice() {
        ["nospec"] => Some(Code::Raw(Slot { opcode: NOSPEC, ..Slot::default() })),
        [dst, "=", "&", "(", "void", "__percpu", "*", ")", "(", src, ")"] => {
            let (dst, src) = (register(dst)?, register(src)?);
            Some(Code::Raw(Slot { opcode: MOV64_REG, dst, src, off: ADDR_PERCPU, imm: 0 }))
        }
        // The kernel calls helpers, too, by their distance from a function of its own.
        ["call", name, "#", number @ ..] if origin == Origin::Dump => {
            let number: i32 = number.concat().parse().ok()?;
            let is_helper_as_written = name.parse::<Helper>().is_ok_and(|helper| helper as i32 == number);
            let is_kfunc = Kfunc::named(name).is_some() || *name == "unknown" || *name == "kfunc";
            let call = Insn::CallHelper { helper: HelperId::new(number) };
            (!is_helper_as_written && !is_kfunc).then_some(Code::Insn(call))
        }
        _ => None,
    }
}
