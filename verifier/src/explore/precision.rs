//! Precision: which numbers a decision relied on, found by walking back through the path.

use super::Explorer;
use super::back::{Reached, Stretch};
use super::checkpoints::CheckpointId;
use super::path::Path;
use super::wanted::Wanted;
use crate::machine::At;
use crate::state::{RegType, STACK_SLOTS, WRITABLE_REGS, slot_offset};
use crate::stop::Checked;

impl Explorer<'_> {
    /// Marks what is wanted precise, back from the current instruction.
    pub(super) fn mark_wanted(&mut self, at: At<'_>) -> Checked {
        let path = self.trail.take_path();
        let result = self.walk_back(at, &path, at.insn, at.state.depth());
        self.trail.put_back(path);
        result.map(|_| ())
    }

    /// Walks back from an instruction at the end of a path, which isn't that of the current state where a loop is left; says
    /// whether anything is newly marked.
    pub(super) fn walk_back(&mut self, at: At<'_>, start: &Path, insn: usize, depth: usize) -> Checked<bool> {
        let mut wanted = std::mem::take(&mut self.wanted);
        wanted.begin(depth);
        let changed = self.walk_back_wanted(at, start, insn, &mut wanted);
        wanted.clear();
        self.wanted = wanted;
        changed
    }

    fn walk_back_wanted(
        &mut self,
        at: At<'_>,
        start: &Path,
        insn: usize,
        wanted: &mut Wanted,
    ) -> Checked<bool> {
        let mut changed = false;
        if wanted.is_empty() {
            return Ok(changed);
        }
        let mut last = insn;
        let mut later: Option<usize> = None;
        let mut from = None;
        loop {
            let path: &Path = from.map_or(start, |id: CheckpointId| &self.checkpoints[id].path);
            let (first, parent) = (path.first, path.parent);
            if let Some(log) = self.listing.in_full() {
                let (frame, later) = (wanted.frame(), later.map_or(-1, |later| later as i64));
                log.write(format_args!(
                    "mark_precise: frame{frame}: last_idx {last} first_idx {first} subseq_idx {later} \n"
                ));
            }
            let stretch = Stretch { path, last, starts_before: from.is_none() };
            match stretch.walk_back(self.facts, &mut self.listing, wanted, later)? {
                Reached::Nothing => return Ok(changed),
                Reached::Dead => break,
                Reached::Beginning => {}
            }
            let Some(parent) = parent else {
                break;
            };
            if self.checkpoints.get(parent).is_none() {
                return Ok(changed);
            }
            changed |= self.mark_checkpoint(parent, wanted);
            if wanted.is_empty() {
                return Ok(changed);
            }
            later = Some(first);
            last = self.checkpoints[parent].path.last;
            from = Some(parent);
        }
        self.mark_all_precise(at, start.parent);
        Ok(changed)
    }

    /// Marks what is wanted in a checkpoint; what was marked before or is no number is wanted no longer. Says whether anything is
    /// newly marked.
    fn mark_checkpoint(&mut self, id: CheckpointId, wanted: &mut Wanted) -> bool {
        let mut changed = false;
        let state = &mut self.checkpoints[id].state;
        for frame in (0..=wanted.frame()).rev() {
            let Some(content) = state.frames.get_mut(frame) else {
                continue;
            };
            for (index, reg) in content.regs.iter_mut().enumerate() {
                if wanted.regs(frame) & 1 << index == 0 {
                    continue;
                }
                if !reg.is_scalar() || reg.precise {
                    wanted.drop_reg_of(frame, index);
                } else {
                    reg.precise = true;
                    changed = true;
                }
            }
            for index in 0..STACK_SLOTS {
                if wanted.slots(frame) & 1 << index == 0 {
                    continue;
                }
                match content.stack.get_mut(index) {
                    Some(slot) if slot.is_scalar_spill() && !slot.spilled.precise => {
                        slot.spilled.precise = true;
                        changed = true;
                    }
                    _ => wanted.drop_slot_of(frame, index),
                }
            }
            self.listing.wanted_in(state, frame, wanted.regs(frame), wanted.slots(frame));
        }
        changed
    }

    /// Marks every number of every checkpoint of a path.
    pub(super) fn mark_all_precise(&mut self, at: At<'_>, mut parent: Option<CheckpointId>) {
        let depth = at.state.depth();
        if let Some(log) = self.listing.in_full() {
            log.write(format_args!(
                "mark_precise: frame{depth}: falling back to forcing all scalars precise\n"
            ));
        }
        while let Some(checkpoint) = parent.and_then(|id| self.checkpoints.get_mut(id)) {
            for (frame, content) in checkpoint.state.frames.iter_mut().enumerate() {
                for (index, reg) in content.regs[..WRITABLE_REGS].iter_mut().enumerate() {
                    if reg.is_scalar()
                        && !std::mem::replace(&mut reg.precise, true)
                        && let Some(log) = self.listing.in_full()
                    {
                        log.write(format_args!(
                            "force_precise: frame{frame}: forcing r{index} to be precise\n"
                        ));
                    }
                }
                for (index, slot) in content.stack.iter_mut().enumerate() {
                    if slot.is_scalar_spill()
                        && !std::mem::replace(&mut slot.spilled.precise, true)
                        && let Some(log) = self.listing.in_full()
                    {
                        let off = slot_offset(index);
                        log.write(format_args!(
                            "force_precise: frame{frame}: forcing fp{off} to be precise\n"
                        ));
                    }
                }
            }
            parent = checkpoint.path.parent;
        }
    }

    /// Wants what is precise in a checkpoint, and read later where marks say so; writes it down.
    pub(super) fn want_as_in(&mut self, id: CheckpointId) {
        self.wanted.clear();
        let Some(checkpoint) = self.checkpoints.get(id) else {
            return;
        };
        for (frame, content) in checkpoint.state.frames.iter().enumerate().rev() {
            let mut any = false;
            let listing = &mut self.listing;
            let mut tell = |what: std::fmt::Arguments<'_>| {
                if let Some(log) = listing.in_full() {
                    if any {
                        log.push(",");
                    } else {
                        log.write(format_args!("frame {frame}: propagating "));
                    }
                    log.write(what);
                }
                any = true;
            };
            for (index, reg) in content.regs[..WRITABLE_REGS].iter().enumerate() {
                let unread = self.liveness.reg_is_unread(&content.marks[index]);
                if reg.kind == RegType::Scalar && reg.precise && !unread {
                    tell(format_args!("r{index}"));
                    self.wanted.want_reg_of(frame, index);
                }
            }
            for (index, slot) in content.stack.iter().enumerate() {
                let unread = self.liveness.slot_is_unread(&slot.mark);
                if slot.is_scalar_spill() && slot.spilled.precise && !unread {
                    tell(format_args!("fp{}", slot_offset(index)));
                    self.wanted.want_slot_of(frame, index);
                }
            }
            // The end of the line stands in the log at level 1 too, where the line itself doesn't.
            if any {
                self.listing.log().push("\n");
            }
        }
    }
}
