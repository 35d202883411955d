//! Which instructions there are, where paths meet, and whether any path leads to each.

use knockwright_asm::isa::Row;
use knockwright_asm::opcode::{self, pseudo};
use knockwright_asm::{Helper, Insn, Slot};

use super::{Roles, Structure, is_function_address, target};
use crate::message::Message;
use crate::profile::Rules;
use crate::program::{Subject, decode};
use crate::stop::{Checked, EINVAL, refuse};

/// Whether a slot is a call of a helper that calls a function of the program before it returns.
fn calls_back_now(slot: &Slot) -> bool {
    let helper = Helper::from_number(slot.imm).filter(|_| slot.opcode == opcode::CALL && slot.src == 0);
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
    let mut reached = Reached { marks: vec![false; count], work: vec![0] };
    reached.marks[0] = true;
    while let Some(at) = reached.work.pop() {
        structure.lead_on(slots, at, &mut reached)?;
    }
    let mut at = 0;
    while at < count {
        if !reached.marks[at] {
            return refuse(EINVAL, Message::Unreachable { insn: at.into() });
        }
        let known = |insn: &Insn| Row::of(insn).since <= rules.version;
        structure.insns.push(decode(slots, at).filter(known));
        if slots[at].opcode == opcode::LD_IMM64 {
            if reached.marks[at + 1] {
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

/// The slots that some way through the program comes to.
struct Reached {
    marks: Vec<bool>,
    /// Those from which no way has been followed yet.
    work: Vec<usize>,
}

impl Reached {
    /// A way leads from one slot to another.
    fn go(&mut self, from: usize, to: i64) -> Checked {
        let Some(to) = usize::try_from(to).ok().filter(|&to| to < self.marks.len()) else {
            return refuse(EINVAL, Message::JumpOutOfRange { from: from.into(), to: to.into() });
        };
        if !std::mem::replace(&mut self.marks[to], true) {
            self.work.push(to);
        }
        Ok(())
    }
}

impl Structure {
    /// Paths meet before a slot.
    fn meet(&mut self, at: usize) {
        self.prune[at] = true;
        self.joins[at] = true;
    }

    /// Where an instruction leads, and what it makes of the places that it leads to.
    fn lead_on(&mut self, slots: &[Slot], at: usize, reached: &mut Reached) -> Checked {
        let slot = &slots[at];
        let next = at as i64 + opcode::slots(slot.opcode) as i64;
        let callee = at as i64 + i64::from(slot.imm) + 1;
        if is_function_address(slot) {
            reached.go(at, next)?;
            self.meet(at);
            self.meet(next as usize % slots.len());
            self.meet(callee as usize);
            reached.go(at, callee)?;
        } else if slot.opcode == opcode::EXIT {
        } else if slot.opcode == opcode::CALL {
            reached.go(at, next)?;
            self.meet(at + 1);
            if slot.src == pseudo::CALL {
                self.prune[at] = true;
                self.meet(callee as usize);
                reached.go(at, callee)?;
            } else if calls_back_now(slot) {
                self.calls_back[at] = true;
                self.forced[at] = true;
                self.meet(at);
            }
        } else if matches!(slot.opcode, opcode::JA | opcode::JA32) {
            let to = target(slot, at);
            reached.go(at, to)?;
            self.meet(to as usize);
        } else if opcode::is_jump(slot.opcode) {
            self.prune[at] = true;
            if slot.opcode == opcode::JCOND && slot.src == 0 {
                self.forced[at] = true;
            }
            let to = target(slot, at);
            reached.go(at, next)?;
            reached.go(at, to)?;
            self.meet(to as usize);
        } else {
            reached.go(at, next)?;
        }
        Ok(())
    }
}
