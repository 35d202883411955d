//! Lines of the walk: instructions, states, calls, and what is counted.

use knockwright_asm::opcode;

use super::cursor::{Cursor, insn_text, state, trim_spaces};
use super::listing::live_insn;
use crate::log::line::{
    Call, Chain, Edge, FunctionNote, InsnLine, InsnTail, Line, LiveStack, SccEvent, SourceLine, StateAt,
    StateLine, Summary,
};

/// Lines that start with a slot: instructions, states, `162: safe`.
pub(super) fn numbered(text: &str) -> Option<Line<'_>> {
    let mut cursor = Cursor::new(text);
    let slot = cursor.number()?;
    cursor.eat(":")?;
    if let Some(rest) = cursor.rest.strip_prefix(' ') {
        if let Some((opcode, text)) = insn_text(rest) {
            let (text, tail) = insn_tail(opcode, text);
            return Some(Line::Insn(InsnLine { slot, opcode, text, tail }));
        }
        if rest == "safe" {
            return Some(Line::Safe(StateAt::Insn(slot)));
        }
        if rest.starts_with(['.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) {
            return live_insn(text, 0);
        }
    }
    Some(Line::State(StateLine { at: StateAt::Insn(slot), state: state(cursor.rest)? }))
}

/// Splits an instruction's text from what stands after it.
pub(super) fn insn_tail(opcode: Option<u8>, text: &str) -> (&str, InsnTail<'_>) {
    if let Some(at) = text.bytes().position(|byte| byte == b';')
        && let Some(state) = state(&text[at + 1..])
    {
        let (insn, padding) = trim_spaces(&text[..at]);
        return (insn, InsnTail::Changed { padding, state });
    }
    // At level 1 a path's log is taken back to where it left: after a jump's text, before the line's end.
    if opcode.is_none_or(opcode::is_of_jumps)
        && let Some(at) = text.as_bytes().windows(GOTO.len()).position(|bytes| bytes == GOTO)
        && let Some(end) = text.bytes().skip(at + GOTO.len()).position(|byte| byte == b' ')
    {
        let (insn, joined) = text.split_at(at + GOTO.len() + end);
        let joined = &joined[1..];
        return match numbered(joined) {
            Some(Line::State(StateLine { at: StateAt::Insn(slot), state })) => {
                (insn, InsnTail::Next { slot, state })
            }
            _ => (insn, InsnTail::Joined(joined)),
        };
    }
    (text, InsnTail::None)
}

/// What a jump's target starts with.
const GOTO: &[u8] = b"goto pc";

pub(super) fn source(text: &str) -> Option<Line<'_>> {
    let text = text.strip_prefix("; ")?;
    if let Some((before, place)) = text.rsplit_once(" @ ")
        && let Some((file, line)) = place.rsplit_once(':')
    {
        let mut cursor = Cursor::new(line);
        if let (Some(line), Some(())) = (cursor.number(), cursor.end()) {
            return Some(Line::Source(SourceLine { text: before, place: Some((file, line)) }));
        }
    }
    Some(Line::Source(SourceLine { text, place: None }))
}

pub(super) fn summary(text: &str) -> Option<Summary> {
    let mut cursor = Cursor::new(text);
    let mut field = |name| {
        cursor.eat(name)?;
        cursor.number()
    };
    let summary = Summary {
        insns: field("processed ")?,
        limit: field(" insns (limit ")?,
        max_states_per_insn: field(") max_states_per_insn ")?,
        total_states: field(" total_states ")?,
        peak_states: field(" peak_states ")?,
        mark_read: field(" mark_read ")?,
    };
    cursor.end()?;
    Some(summary)
}

/// `from 72 to 110: ...`
pub(super) fn from(text: &str) -> Option<Line<'_>> {
    let mut cursor = Cursor::new(text);
    cursor.eat("from ")?;
    let from = cursor.number()?;
    cursor.eat(" to ")?;
    let to = cursor.number()?;
    let speculative = cursor.eat(" (speculative execution)").is_some();
    cursor.eat(":")?;
    let at = StateAt::Edge(Edge { from, to, speculative });
    if cursor.rest == " safe" {
        return Some(Line::Safe(at));
    }
    Some(Line::State(StateLine { at, state: state(cursor.rest)? }))
}

pub(super) fn compared(text: &str) -> Option<Line<'_>> {
    let (at, rest) = if let Some(rest) = text.strip_prefix("cur state:") {
        (StateAt::Current, rest)
    } else {
        (StateAt::Old, text.strip_prefix("old state:")?)
    };
    Some(Line::State(StateLine { at, state: state(rest)? }))
}

pub(super) fn to_caller(text: &str) -> Option<Line<'_>> {
    let mut cursor = Cursor::new(text);
    cursor.eat("to caller at ")?;
    let slot = cursor.number()?;
    cursor.eat(":")?;
    cursor.end()?;
    Some(Line::Call(Call::ToCaller(slot)))
}

/// `frame 0: propagating ...`, `func#0 @0` and other words on functions.
pub(super) fn function(text: &str) -> Option<Line<'_>> {
    let mut cursor = Cursor::new(text);
    if cursor.eat("func#").is_some() {
        let number = cursor.number()?;
        cursor.eat(" @")?;
        let slot = cursor.number()?;
        cursor.end()?;
        return Some(Line::Function(FunctionNote::Start { number, slot }));
    }
    if cursor.eat("frame ").is_some() {
        let frame = cursor.number()?;
        cursor.eat(": ")?;
        return propagating(cursor.rest, Some(frame));
    }
    if cursor.eat("Validating ").is_some() {
        let name = cursor.until("() func#")?;
        let number = cursor.number()?;
        cursor.eat("...")?;
        cursor.end()?;
        return Some(Line::Function(FunctionNote::Validating { number, name }));
    }
    cursor.eat("Func#")?;
    let number = cursor.number()?;
    // Linux 6.8 and later say its name.
    let name = match cursor.eat(" ('") {
        Some(_) => Some(cursor.until("') is ")?),
        None => cursor.eat(" is ").map(|_| None)?,
    };
    if !matches!(
        cursor.rest,
        "global and assumed valid."
            | "global and valid. Skipping."
            | "safe for any args that match its prototype"
    ) {
        return None;
    }
    Some(Line::Function(FunctionNote::Global { number, name, text: cursor.rest }))
}

pub(super) fn propagating(text: &str, frame: Option<u32>) -> Option<Line<'_>> {
    Some(Line::Propagating { frame, what: text.strip_prefix("propagating ")? })
}

pub(super) fn chain<'a>(cursor: &mut Cursor<'a>) -> Option<Chain<'a>> {
    cursor.eat("(")?;
    let chain = cursor.until(")")?;
    let valid = !chain.is_empty() && chain.bytes().all(|byte| byte.is_ascii_digit() || byte == b',');
    valid.then_some(Chain(chain))
}

pub(super) fn live_stack(text: &str) -> Option<LiveStack<'_>> {
    let mut cursor = Cursor::new(text);
    let chain = chain(&mut cursor)?;
    if cursor.eat(" live stack update done in ").is_some() {
        let iterations = cursor.number()?;
        cursor.eat(" iterations")?;
        cursor.end()?;
        return Some(LiveStack::Done { chain, iterations });
    }
    cursor.eat(" frame ")?;
    let frame = cursor.number()?;
    cursor.eat(" insn ")?;
    let slot = cursor.number()?;
    cursor.eat(" ")?;
    Some(LiveStack::Mark { chain, frame, slot, marks: cursor.rest })
}

pub(super) fn scc(text: &str) -> Option<Line<'_>> {
    let mut cursor = Cursor::new(text);
    cursor.eat("SCC ")?;
    let event = match cursor.until(" ")? {
        "enter" => SccEvent::Enter,
        "exit" => SccEvent::Exit,
        "backedge" => SccEvent::Backedge,
        _ => return None,
    };
    let chain = chain(&mut cursor)?;
    cursor.end()?;
    Some(Line::Scc(event, chain))
}

pub(super) fn verification_time(text: &str) -> Option<Line<'_>> {
    let mut cursor = Cursor::new(text);
    cursor.eat("verification time ")?;
    let time = cursor.number()?;
    cursor.eat(" usec")?;
    cursor.end()?;
    Some(Line::VerificationTime(time))
}

pub(super) fn stack_depth(text: &str) -> Option<Line<'_>> {
    let depth = text.strip_prefix("stack depth ")?;
    // `8+0`, and since 7.2 `8 max 16`; a message that begins so goes on in other words.
    let is_depth =
        |part: &str| part == "max" || part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'+');
    let starts = depth.starts_with(|c: char| c.is_ascii_digit());
    (starts && depth.split(' ').all(is_depth)).then_some(Line::StackDepth(depth))
}
