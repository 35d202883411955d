//! Which instructions there are, where paths meet, and whether any path leads to each.

use knockwright_asm::isa::Row;
use knockwright_asm::{Helper, Insn, Slot};

use super::{
    CALL, EXIT, GOTO, GOTO_LONG, LD_IMM64, MAY_GOTO, PSEUDO_CALL, Roles, Structure, is_function_address,
    is_jump, target,
};
use crate::message::Message;
use crate::profile::Rules;
use crate::program::{Subject, decode};
use crate::stop::{Checked, EINVAL, refuse};

/// Whether a slot is a call of a helper that calls a function of the program before it returns.
fn calls_back_now(slot: &Slot) -> bool {
    let helper = Helper::from_number(slot.imm).filter(|_| slot.opcode == CALL && slot.src == 0);
    helper.is_some_and(|helper| helper.calls_back().is_some())
}

/// Marks prune points and finds instructions that no path reaches.
pub(crate) fn check_flow(subject: &Subject, starts: Vec<usize>, rules: &Rules) -> Checked<Structure> {
    let slots = &subject.slots;
    let count = slots.len();
    let mut structure = Structure {
        prune: vec![false; count],
        joins: vec![false; count],
        forced: vec![false; count],
        calls_back: vec![false; count],
        insns: Vec::with_capacity(count),
        roles: Vec::new(),
        starts,
    };
    let mut reached = vec![false; count];
    let mut work = vec![0];
    reached[0] = true;
    while let Some(at) = work.pop() {
        let slot = &slots[at];
        let mut go = |from: usize, to: i64| -> Checked {
            let Some(to) = usize::try_from(to).ok().filter(|&to| to < count) else {
                return refuse(EINVAL, Message::JumpOutOfRange { from: from.into(), to: to.into() });
            };
            if !reached[to] {
                reached[to] = true;
                work.push(to);
            }
            Ok(())
        };
        let next = at as i64 + if slot.opcode == LD_IMM64 { 2 } else { 1 };
        if is_function_address(slot) {
            go(at, next)?;
            let callee = (at as i64 + i64::from(slot.imm) + 1) as usize;
            structure.prune[at] = true;
            structure.joins[at] = true;
            structure.prune[next as usize % count] = true;
            structure.joins[next as usize % count] = true;
            structure.prune[callee] = true;
            structure.joins[callee] = true;
            go(at, callee as i64)?;
        } else if slot.opcode == EXIT {
        } else if slot.opcode == CALL {
            go(at, next)?;
            structure.prune[at + 1] = true;
            structure.joins[at + 1] = true;
            if slot.src == PSEUDO_CALL {
                let callee = (at as i64 + i64::from(slot.imm) + 1) as usize;
                structure.prune[at] = true;
                structure.prune[callee] = true;
                structure.joins[callee] = true;
                go(at, callee as i64)?;
            } else if calls_back_now(slot) {
                structure.calls_back[at] = true;
                structure.forced[at] = true;
                structure.prune[at] = true;
                structure.joins[at] = true;
            }
        } else if matches!(slot.opcode, GOTO | GOTO_LONG) {
            let to = target(slot, at);
            go(at, to)?;
            structure.prune[to as usize] = true;
            structure.joins[to as usize] = true;
        } else if is_jump(slot) {
            structure.prune[at] = true;
            if slot.opcode == MAY_GOTO && slot.src == 0 {
                structure.forced[at] = true;
            }
            let to = target(slot, at);
            go(at, next)?;
            go(at, to)?;
            structure.prune[to as usize] = true;
            structure.joins[to as usize] = true;
        } else {
            go(at, next)?;
        }
    }
    let mut at = 0;
    while at < count {
        if !reached[at] {
            return refuse(EINVAL, Message::Unreachable { insn: at.into() });
        }
        let known = |insn: &Insn| Row::of(insn).since <= rules.version;
        structure.insns.push(decode(slots, at).filter(known));
        if slots[at].opcode == LD_IMM64 {
            if reached[at + 1] {
                return refuse(EINVAL, Message::JumpIntoLoad { insn: at.into() });
            }
            structure.insns.push(None);
            at += 1;
        }
        at += 1;
    }
    structure.roles = structure.insns.iter().map(|insn| Roles::of(insn.as_ref())).collect();
    Ok(structure)
}
