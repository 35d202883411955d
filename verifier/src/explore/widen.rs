//! What loops that the program can't end make of numbers that change in each round.

use super::compare::{Pairs, exact};
use super::walker::{CheckpointId, Walker};
use crate::state::{Reg, State};

impl Walker<'_> {
    /// The newest remembered state of an instruction that the current path came by, called from the same places; fewer
    /// than `depth` checkpoints stand before it. One that was put out of its list is forgotten here too.
    pub(crate) fn earlier_visit(&self, at: usize, depth: u32) -> Option<CheckpointId> {
        let candidates = self.explored[self.bucket(at)].iter().rev().copied();
        candidates.into_iter().find(|&id| {
            let checkpoint = self.checkpoint(id);
            // What isn't at its end is on the way to here.
            checkpoint.insn == at
                && checkpoint.branches > 0
                && checkpoint.depth < depth
                && self.has_the_calls_of(&checkpoint.state)
        })
    }

    /// Whether a state has been called from the same places as the current one.
    pub(crate) fn has_the_calls_of(&self, state: &State) -> bool {
        state.frames.len() == self.state.frames.len()
            && state.frames.iter().zip(&self.state.frames).all(|(a, b)| a.callsite == b.callsite)
    }

    /// Numbers that differ between an earlier visit of a loop's head and a state, and that nothing relied on, are unknown
    /// from here on. The names that the two have for what is equal may differ: they are paired, the innermost frame's first.
    pub(crate) fn widen(&self, earlier: CheckpointId, new: &mut State) {
        let mut pairs = Pairs::new(self.next_id);
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
        let old = &self.checkpoint(earlier).state;
        for (old, new) in old.frames.iter().zip(&mut new.frames).rev() {
            for (old, new) in old.regs[..10].iter().zip(&mut new.regs) {
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
