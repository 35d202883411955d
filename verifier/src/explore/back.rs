//! Walking back over instructions: what must be wanted before each, so that what is wanted after it is known.

use knockwright_asm::{AtomicOp, Helper, HelperId, Insn, Reg, RegSet, Source};

use super::listing::Listing;
use super::path::{Path, Step};
use super::wanted::Wanted;
use crate::machine::Facts;
use crate::stop::Checked;
use crate::structure::Roles;

/// What walking back over an instruction came to.
enum Over {
    /// Nothing is left to do.
    Done,
    /// What is linked with what is wanted now is wanted as well.
    Spread,
    /// It can't be followed: all numbers are taken as wanted.
    GiveUp,
}

/// What walking back over a stretch of a path came to.
pub(super) enum Reached {
    /// Nothing is wanted any more.
    Nothing,
    /// The beginning of the stretch.
    Beginning,
    /// What is wanted can't be followed.
    Dead,
}

/// A stretch of a path, from a checkpoint or the program's start to an instruction.
pub(super) struct Stretch<'a> {
    pub(super) path: &'a Path,
    /// The instruction that the walk back starts from.
    pub(super) last: usize,
    /// That one isn't walked over: it's where something is wanted.
    pub(super) starts_before: bool,
}

impl Stretch<'_> {
    /// Walks back over the stretch. `later` is the instruction after it.
    pub(super) fn walk_back(
        &self,
        facts: Facts<'_>,
        listing: &mut Listing<'_>,
        wanted: &mut Wanted,
        mut later: Option<usize>,
    ) -> Checked<Reached> {
        let steps = &self.path.steps;
        let mut left = steps.len();
        let mut at = self.last;
        let mut skips = self.starts_before;
        loop {
            let step = left.checked_sub(1).map(|top| &steps[top]).filter(|step| step.insn() == at);
            if !std::mem::take(&mut skips) {
                let back = Back { facts, at, later, step };
                if let Over::GiveUp = back.walk_over(listing, wanted)? {
                    return Ok(Reached::Dead);
                }
            }
            if wanted.is_empty() {
                return Ok(Reached::Nothing);
            }
            later = Some(at);
            if at == self.path.first && (left == 0 || (left == 1 && step.is_some())) {
                return Ok(Reached::Beginning);
            }
            let before = match step {
                Some(step) => {
                    left -= 1;
                    step.previous()
                }
                None => at.checked_sub(1),
            };
            match before {
                Some(before) => at = before,
                None => return Ok(Reached::Beginning),
            }
        }
    }
}

/// An instruction to walk back over.
struct Back<'a> {
    facts: Facts<'a>,
    at: usize,
    /// The one that was walked after it.
    later: Option<usize>,
    step: Option<&'a Step>,
}

impl Back<'_> {
    fn walk_over(&self, listing: &mut Listing<'_>, wanted: &mut Wanted) -> Checked<Over> {
        let structure = self.facts.structure;
        if self.facts.subject.slots[self.at].opcode == 0 {
            return Ok(Over::Done);
        }
        let Some(insn) = structure.insns[self.at] else {
            return Ok(Over::Done);
        };
        listing.wanted_before(self.at, wanted);
        if let Some(step) = self.step {
            wanted.spread(&step.linked);
        }
        let over = self.over(&insn, wanted)?;
        if let (Over::Spread, Some(step)) = (&over, self.step) {
            wanted.spread(&step.linked);
        }
        Ok(over)
    }

    fn over(&self, insn: &Insn, wanted: &mut Wanted) -> Checked<Over> {
        let Roles { reads, writes } = self.facts.structure.roles[self.at];
        match *insn {
            Insn::AddrSpaceCast { .. } => return Ok(Over::Done),
            // What goes into a result is wanted instead of it. The frame pointer is never a number.
            Insn::Alu { .. }
            | Insn::Neg { .. }
            | Insn::ToEndian { .. }
            | Insn::Bswap { .. }
            | Insn::MovSx { .. } => {
                if !wanted.has_any(writes) {
                    return Ok(Over::Done);
                }
                wanted.drop_all(writes);
                wanted.want_all(reads.without(RegSet::one(Reg::R10)));
            }
            Insn::Load { .. } | Insn::LoadSx { .. } | Insn::LoadAcquire { .. } => {
                return Ok(self.over_load(writes, wanted));
            }
            Insn::Atomic { .. } if self.facts.rules.atomics_are_loads && wanted.has_any(writes) => {
                self.over_load(writes, wanted);
            }
            Insn::Store { base, .. }
            | Insn::StoreImm { base, .. }
            | Insn::StoreRelease { base, .. }
            | Insn::Atomic { base, .. } => return Ok(self.over_store(insn, base, wanted)),
            Insn::LoadImm64 { .. } => wanted.drop_all(writes),
            Insn::LoadAbs { .. } | Insn::LoadInd { .. } => return self.over_packet_load(wanted),
            Insn::CallLocal { .. } => return over_call(wanted),
            Insn::CallHelper { .. } if self.is_callback() => return over_callback(wanted),
            Insn::CallHelper { helper } => self.over_helper(Some(helper), wanted)?,
            Insn::CallKfunc { .. } => self.over_helper(None, wanted)?,
            Insn::Exit => return self.over_exit(wanted),
            Insn::JumpIf { dst, src: Source::Reg(src), .. } => {
                if !wanted.has(dst.number()) && !wanted.has(src.number()) {
                    return Ok(Over::Done);
                }
                let [dst_points, src_points] = self.step.map_or([false; 2], |step| step.frame_pointers);
                if !src_points {
                    wanted.want(src.number());
                }
                if !dst_points {
                    wanted.want(dst.number());
                }
            }
            // Other jumps have no result and want no number.
            _ => {}
        }
        Ok(Over::Spread)
    }

    /// The instruction ended its function, or called another before it returned.
    fn is_last(&self) -> bool {
        self.later != Some(self.at + 1)
    }

    fn is_callback(&self) -> bool {
        self.facts.structure.calls_back[self.at] && self.is_last()
    }

    /// What was loaded from the stack is wanted there.
    fn over_load(&self, writes: RegSet, wanted: &mut Wanted) -> Over {
        if !wanted.has_any(writes) {
            return Over::Done;
        }
        wanted.drop_all(writes);
        let Some((frame, slot)) = self.step.and_then(|step| step.stack) else {
            return Over::Done;
        };
        wanted.want_slot_of(usize::from(frame), usize::from(slot));
        Over::Spread
    }

    /// What was stored to the stack is wanted where it came from.
    fn over_store(&self, insn: &Insn, base: Reg, wanted: &mut Wanted) -> Over {
        if wanted.has(base.number()) {
            return Over::GiveUp;
        }
        let Some((frame, slot)) = self.step.and_then(|step| step.stack) else {
            return Over::Done;
        };
        let (frame, slot) = (usize::from(frame), usize::from(slot));
        if wanted.slots(frame) & 1 << slot == 0 {
            return Over::Done;
        }
        wanted.drop_slot_of(frame, slot);
        match insn {
            Insn::Store { src, .. } | Insn::StoreRelease { src, .. } => wanted.want(src.number()),
            Insn::Atomic { op, src, .. } if *op != AtomicOp::Cmpxchg => wanted.want(src.number()),
            _ => {}
        }
        Over::Spread
    }

    fn over_packet_load(&self, wanted: &mut Wanted) -> Checked<Over> {
        let dst = self.facts.subject.slots[self.at].dst;
        if wanted.has(dst) {
            wanted.drop(dst);
            return Ok(Over::GiveUp);
        }
        if self.facts.rules.callbacks_load_no_packet && self.is_last() {
            // It ended the function.
            wanted.enter_function()?;
        }
        Ok(Over::Done)
    }

    fn over_helper(&self, helper: Option<HelperId>, wanted: &mut Wanted) -> Checked {
        wanted.drop(0);
        if wanted.has_any(RegSet::ARGUMENTS) {
            wanted.check_regs("backtracking call", RegSet::EMPTY)?;
        }
        let tail_call = helper.is_some_and(|helper| helper.number() == Helper::TailCall as i32);
        if tail_call && self.facts.rules.tail_calls_return && self.is_last() {
            // It ended the function: what comes before belongs to it.
            wanted.enter_function()?;
        }
        Ok(())
    }

    /// The end of a function, whose result is wanted if that of the call is.
    fn over_exit(&self, wanted: &mut Wanted) -> Checked<Over> {
        let structure = self.facts.structure;
        let from_helper = self.later.is_some_and(|later| structure.calls_back[later]);
        if from_helper && self.facts.rules.callbacks_hide_arguments {
            wanted.drop_all(RegSet::ARGUMENTS);
        }
        let call = self.later.and_then(|later| later.checked_sub(1));
        let returns_result =
            call.is_some_and(|call| matches!(structure.insns[call], Some(Insn::CallLocal { .. })));
        let wants_result = returns_result && wanted.has(0);
        wanted.drop(0);
        wanted.enter_function()?;
        if wants_result {
            wanted.want(0);
        }
        Ok(Over::Done)
    }
}

/// The call of a function whose first instruction is left for its caller: arguments are wanted there.
fn over_call(wanted: &mut Wanted) -> Checked<Over> {
    let arguments = wanted.regs(wanted.frame()) & RegSet::ARGUMENTS.bits();
    wanted.check_regs("static subprog", RegSet::ARGUMENTS)?;
    wanted.check_no_slots()?;
    wanted.leave_function()?;
    wanted.want_bits(arguments);
    Ok(Over::Done)
}

/// The call of a helper that calls a function back, whose first instruction is left for the helper.
fn over_callback(wanted: &mut Wanted) -> Checked<Over> {
    wanted.check_regs("callback", RegSet::ARGUMENTS)?;
    if wanted.slots(wanted.frame()) != 0 {
        return Ok(Over::GiveUp);
    }
    wanted.leave_function()?;
    Ok(Over::Done)
}
