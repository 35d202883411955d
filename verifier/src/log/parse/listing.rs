//! Listings before the walk: live registers and the use of the stack.

use super::cursor::{Cursor, insn_text, state, trim_spaces};
use super::diagnosis::{diagnosis_insn, diagnosis_label, diagnosis_place, diagnosis_row};
use crate::log::line::{
    Diagnosis, Heading, InsnText, Line, ListingTail, LiveInsn, StackListing, StateAt, StateLine,
};

pub(super) fn stack_listing(text: &str) -> Option<Line<'_>> {
    let mut cursor = Cursor::new(text);
    let listing = if cursor.eat("topo_order[").is_some() {
        let index = cursor.number()?;
        cursor.eat("] = ")?;
        StackListing::Order { index, name: cursor.rest }
    } else if cursor.eat("arg JOIN ").is_some() {
        StackListing::Join(cursor.rest)
    } else if cursor.eat("stack use/def subprog#").is_some() {
        let subprog = cursor.until(" (d")?;
        let depth = cursor.number()?;
        cursor.eat(",cs")?;
        let callsite = cursor.number()?;
        cursor.eat("):")?;
        cursor.end()?;
        StackListing::UseDef { subprog, depth, callsite }
    } else {
        cursor.eat("subprog#")?;
        let subprog = cursor.until(":")?;
        if cursor.rest.is_empty() {
            StackListing::Subprog(subprog)
        } else {
            cursor.eat(" analyzing (depth ")?;
            let depth = cursor.number()?;
            cursor.eat(")...")?;
            cursor.end()?;
            StackListing::Analyzing { subprog, depth }
        }
    };
    Some(Line::StackListing(listing))
}

/// Lines that start with spaces.
pub(super) fn indented(text: &str) -> Option<Line<'_>> {
    if text == "  " {
        // A source line that is empty, or that the kernel doesn't have.
        return Some(Line::Diagnosis(Diagnosis::Text("")));
    }
    let spaces = text.bytes().position(|byte| byte != b' ')?;
    let rest = &text[spaces..];
    if spaces == 1
        && let Some(state) = state(text)
    {
        return Some(Line::State(StateLine { at: StateAt::Unsaid, state }));
    }
    if rest.as_bytes()[0].is_ascii_digit()
        && let Some(line) = listing_insn(text, spaces)
            .or_else(|| live_insn(text, spaces))
            .or_else(|| diagnosis_row(text, spaces))
    {
        return Some(line);
    }
    let diagnosis = if rest.starts_with('|') {
        diagnosis_label(rest, spaces as u32)?
    } else if spaces != 2 {
        return None;
    } else if rest.starts_with(">>> ") {
        return diagnosis_row(text, spaces);
    } else {
        match rest {
            "Instruction context:" => Diagnosis::Heading(Heading::InsnContext),
            "Source context:" => Diagnosis::Heading(Heading::SourceContext),
            _ => diagnosis_insn(rest).or_else(|| diagnosis_place(rest)).unwrap_or(Diagnosis::Text(rest)),
        }
    };
    Some(Line::Diagnosis(diagnosis))
}

/// A row of the stack's analysis, whose slot starts after `spaces` spaces.
pub(super) fn listing_insn(text: &str, spaces: usize) -> Option<Line<'_>> {
    let mut cursor = Cursor::new(&text[spaces..]);
    let slot = cursor.number()?;
    let width = (text.len() - cursor.rest.len()) as u32;
    cursor.eat(": ")?;
    let (opcode, text) = insn_text(cursor.rest)?;
    let (text, tail) = listing_tail(text);
    Some(Line::StackListing(StackListing::Insn { width, insn: InsnText { slot, opcode, text }, tail }))
}

/// Splits a row's instruction from what stands after it.
fn listing_tail(text: &str) -> (&str, ListingTail<'_>) {
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'\t' => return (&text[..at], ListingTail::Changes(&text[at + 1..])),
            b'/' if at > 0 && bytes[at - 1] == b' ' && bytes[at..].starts_with(b"// ") => {
                return (&text[..at - 1], ListingTail::Arguments(&text[at + 3..]));
            }
            b';' if bytes.get(at + 1) == Some(&b' ') => {
                let (insn, padding) = trim_spaces(&text[..at]);
                return (insn, ListingTail::UseDef { padding, text: &text[at + 2..] });
            }
            _ => {}
        }
    }
    (text, ListingTail::None)
}

/// A row of the listing of live registers, whose first number starts after `spaces` spaces.
pub(super) fn live_insn(text: &str, spaces: usize) -> Option<Line<'_>> {
    let mut cursor = Cursor::new(&text[spaces..]);
    let first = cursor.number()?;
    let column = text.len() - cursor.rest.len();
    let (scc, slot) = if cursor.rest.starts_with(':') {
        (None, first)
    } else {
        // The loop has three columns.
        if column < 3 || column > 3 && spaces > 0 {
            return None;
        }
        cursor.rest = cursor.rest.trim_start_matches(' ');
        (Some(first), cursor.number()?)
    };
    let width = (text.len() - cursor.rest.len()) as u32;
    cursor.eat(": ")?;
    let columns = cursor.rest.bytes().take_while(|byte| *byte == b'.' || byte.is_ascii_digit()).count();
    if columns < 10 {
        return None;
    }
    let (live, rest) = cursor.rest.split_at(columns);
    cursor.rest = rest.strip_prefix(' ')?;
    let (opcode, text) = insn_text(cursor.rest)?;
    Some(Line::LiveInsn(LiveInsn { scc, width, live, insn: InsnText { slot, opcode, text } }))
}
