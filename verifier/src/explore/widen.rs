//! What loops that the program can't end make of numbers that change in each round.

use super::Explorer;
use super::checkpoints::CheckpointId;
use super::compare::{Pairs, exact};
use crate::state::{Reg, State, WRITABLE_REGS};

impl Explorer<'_> {
    /// Widens a state that goes on at an instruction by the last visit of it on the current path, if fewer than `depth`
    /// checkpoints stand before that.
    pub(super) fn widen_by_visit(&self, state: &mut State, at: usize, depth: u32) {
        if let Some(earlier) = self.earlier_visit(state, at, depth) {
            self.widen_by(earlier, state);
        }
    }

    /// The newest remembered state of an instruction that the current path came by, called from the same places. One that
    /// was put out of its list is forgotten here too.
    fn earlier_visit(&self, state: &State, at: usize, depth: u32) -> Option<CheckpointId> {
        let list = self.checkpoints.list(at, state.frame().callsite);
        self.checkpoints.of(list).iter().rev().copied().find(|&id| {
            let checkpoint = &self.checkpoints[id];
            // What isn't at its end is on the way to here.
            checkpoint.insn == at
                && checkpoint.branches > 0
                && checkpoint.depth < depth
                && state.has_the_calls_of(&checkpoint.state)
        })
    }

    /// Numbers that differ between an earlier visit of a loop's head and a state, and that nothing relied on, are unknown
    /// from here on. The names that the two have for what is equal may differ: they are paired, the innermost frame's first.
    fn widen_by(&self, earlier: CheckpointId, new: &mut State) {
        // Numbers without an identity are no pair here, so that none has to be given.
        let mut pairs = Pairs::new(0);
        let mut one = |old: &Reg, new: &mut Reg| {
            if old.is_scalar()
                && new.is_scalar()
                && !old.precise
                && !new.precise
                && !exact(old, new, &mut pairs)
            {
                *new = Reg::UNKNOWN;
            }
        };
        let old = &self.checkpoints[earlier].state;
        for (old, new) in old.frames.iter().zip(&mut new.frames).rev() {
            for (old, new) in old.regs[..WRITABLE_REGS].iter().zip(&mut new.regs) {
                one(old, new);
            }
            for (old, new) in old.stack.iter().zip(&mut new.stack) {
                if old.is_spill() && new.is_spill() {
                    one(&old.spilled, &mut new.spilled);
                }
            }
        }
    }
}
