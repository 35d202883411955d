//! What loops that the program can't end make of numbers that change in each round.

use super::walker::{CheckpointId, Walker};
use crate::state::{Reg, State};

impl Walker<'_> {
    /// The last checkpoint at an instruction, called from the same places: `from` or one before it on its path.
    pub(crate) fn earlier_visit(&self, from: Option<CheckpointId>, at: usize) -> Option<CheckpointId> {
        let mut next = from;
        while let Some(id) = next {
            let checkpoint = self.checkpoints[id].as_ref()?;
            let same_calls = checkpoint.state.frames.len() == self.state.frames.len()
                && checkpoint
                    .state
                    .frames
                    .iter()
                    .zip(&self.state.frames)
                    .all(|(a, b)| a.callsite == b.callsite);
            if checkpoint.insn == at && same_calls {
                return Some(id);
            }
            next = checkpoint.path.parent;
        }
        None
    }
}

/// Numbers that differ between two visits of a loop's head, and that nothing relied on, are unknown from here on.
pub(crate) fn widen(old: &State, new: &mut State) {
    let one = |old: &Reg, new: &mut Reg| {
        let differs = old.num != new.num || old.id != new.id;
        if old.is_scalar() && new.is_scalar() && !old.precise && !new.precise && differs {
            *new = Reg::UNKNOWN;
        }
    };
    for (old, new) in old.frames.iter().zip(&mut new.frames) {
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
