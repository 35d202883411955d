//! Whether the functions and source lines that BTF tells of are those of the program.

use super::{has_tail_call, is_packet_load};
use crate::message::Message;
use crate::program::Subject;
use crate::stop::{Checked, EINVAL, refuse};

/// Before the program is looked at: the functions must stand in order.
pub(crate) fn check_order(subject: &Subject) -> Checked {
    let Some(first) = subject.functions.first() else {
        return Ok(());
    };
    if first.insn != 0 {
        return refuse(EINVAL, Message::FirstFunction { insn: first.insn.into() });
    }
    for pair in subject.functions.windows(2) {
        let (before, here) = (pair[0].insn, pair[1].insn);
        if here <= before {
            return refuse(EINVAL, Message::FunctionOrder { here: here.into(), before: before.into() });
        }
    }
    Ok(())
}

/// Once the program's functions are found, which start at `starts`, the program's end last.
pub(crate) fn check_types(subject: &Subject, starts: &[usize]) -> Checked {
    if subject.functions.is_empty() {
        return Ok(());
    }
    if subject.functions.len() != starts.len() - 1 {
        return refuse(EINVAL, Message::FunctionCount {});
    }
    for (number, (function, bounds)) in subject.functions.iter().zip(starts.windows(2)).enumerate() {
        if function.insn != bounds[0] {
            return refuse(EINVAL, Message::FunctionLayout {});
        }
        if number == 0 || function.returns_number() {
            continue;
        }
        let slots = &subject.slots[bounds[0]..bounds[1]];
        if slots.iter().any(is_packet_load) {
            return refuse(EINVAL, Message::LoadNeedsNumber {});
        }
        if has_tail_call(slots) {
            return refuse(EINVAL, Message::TailCallNeedsNumber {});
        }
    }
    check_lines(subject, starts)
}

/// Source lines must stand in order, each at an instruction, and each function must begin with one.
fn check_lines(subject: &Subject, starts: &[usize]) -> Checked {
    if subject.lines.is_empty() {
        return Ok(());
    }
    let count = subject.slots.len();
    let starts = &starts[..starts.len() - 1];
    let (mut before, mut function) = (0, 0);
    for (index, line) in subject.lines.iter().enumerate() {
        let at = line.insn;
        if (index > 0 && at <= before) || at >= count {
            let (index, insn, before, count) = (index.into(), at.into(), before.into(), count.into());
            return refuse(EINVAL, Message::LineOrder { index, insn, before, count });
        }
        if subject.slots[at].opcode == 0 {
            return refuse(EINVAL, Message::LineInsideInsn { index: index.into() });
        }
        match starts.get(function) {
            Some(&start) if start == at => function += 1,
            Some(&start) if start < at => {
                return refuse(EINVAL, Message::LineMissing { func: function.into() });
            }
            _ => {}
        }
        before = at;
    }
    if function < starts.len() {
        let missing = starts.len() - function;
        return refuse(EINVAL, Message::LinesMissing { count: missing.into(), func: function.into() });
    }
    Ok(())
}
