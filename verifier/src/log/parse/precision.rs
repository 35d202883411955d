//! Lines of going back for numbers that must be precise.

use super::cursor::{Cursor, insn_text, state};
use crate::log::line::{InsnText, ParentMarks, Precision, RegSet};

pub(super) fn precision(text: &str) -> Option<Precision<'_>> {
    let mut cursor = Cursor::new(text);
    let frame = if cursor.eat("mark_precise: frame").is_some() {
        let frame = cursor.number()?;
        cursor.eat(": ")?;
        Some(frame)
    } else {
        None
    };
    let mask = frame.is_none();
    let set = |text| RegSet { text, mask };
    if cursor.eat("last_idx ").is_some() {
        let last = cursor.signed()?;
        cursor.eat(" first_idx ")?;
        let first = cursor.signed()?;
        let subseq = if mask {
            None
        } else {
            cursor.eat(" subseq_idx ")?;
            let subseq = cursor.signed()?;
            cursor.eat(" ")?;
            Some(subseq)
        };
        cursor.end()?;
        return Some(Precision::Stretch { frame, last, first, subseq });
    }
    if cursor.eat("regs=").is_some() {
        let regs = set(cursor.until(" stack=")?);
        let stack = set(cursor.until(" before ")?);
        let slot = cursor.number()?;
        cursor.eat(": ")?;
        let (opcode, text) = insn_text(cursor.rest)?;
        return Some(Precision::Before { frame, regs, stack, insn: InsnText { slot, opcode, text } });
    }
    cursor.eat("parent ")?;
    let marks = if cursor.eat("state regs=").is_some() {
        ParentMarks::State
    } else if cursor.eat("didn't have regs=").is_some() {
        ParentMarks::Missing
    } else {
        cursor.eat("already had regs=")?;
        ParentMarks::Present
    };
    let regs = set(cursor.until(" stack=")?);
    if marks == ParentMarks::State {
        // Linux 6.8 and later have a space of their own before the state's.
        let stack = set(cursor.until(": ")?);
        return Some(Precision::Parent { frame, marks, regs, stack, state: Some(state(cursor.rest)?) });
    }
    let stack = set(cursor.until(" marks")?);
    let state = if cursor.rest.is_empty() {
        None
    } else {
        cursor.eat(":")?;
        Some(state(cursor.rest)?)
    };
    Some(Precision::Parent { frame, marks, regs, stack, state })
}
