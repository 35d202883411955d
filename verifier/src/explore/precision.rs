//! Precision: which numbers a decision relied on, found by walking back through the path.

use knockwright_asm::{AtomicOp, Helper, Insn, Reg, RegSet, Source};

use super::walker::{Linked, Path, Step, Walker};
use crate::check::structure::Roles;
use crate::log::state_line::Parts;
use crate::program::push_insn;
use crate::state::{Extent, Kind, slot_offset};
use crate::stop::Checked;

/// R1 to R5 as bits.
const ARGUMENTS: u16 = RegSet::ARGUMENTS.bits();

/// The registers and slots that are wanted while walking back.
#[derive(Debug, Default, Clone)]
pub(crate) struct Marks {
    pub(super) regs: [u16; 8],
    slots: [u64; 8],
    pub(super) frame: usize,
}

impl Marks {
    fn is_empty(&self) -> bool {
        self.regs[..=self.frame].iter().all(|&mask| mask == 0)
            && self.slots[..=self.frame].iter().all(|&mask| mask == 0)
    }

    fn has(&self, reg: u8) -> bool {
        self.regs[self.frame] & 1 << reg != 0
    }

    fn want(&mut self, reg: u8) {
        self.regs[self.frame] |= 1 << reg;
    }

    fn drop(&mut self, reg: u8) {
        self.regs[self.frame] &= !(1 << reg);
    }

    fn has_any(&self, regs: RegSet) -> bool {
        self.regs[self.frame] & regs.bits() != 0
    }

    fn want_all(&mut self, regs: RegSet) {
        self.regs[self.frame] |= regs.bits();
    }

    fn drop_all(&mut self, regs: RegSet) {
        self.regs[self.frame] &= !regs.bits();
    }

    fn clear(&mut self) {
        self.regs = [0; 8];
        self.slots = [0; 8];
    }

    pub(crate) fn want_reg_of(&mut self, frame: usize, reg: usize) {
        self.regs[frame] |= 1 << reg;
    }

    pub(crate) fn want_slot_of(&mut self, frame: usize, slot: usize) {
        self.slots[frame] |= 1 << slot;
    }

    /// If one of several equal numbers is wanted, all are.
    fn spread(&mut self, linked: &[Option<Linked>; 6]) {
        if linked[0].is_none() {
            return;
        }
        let wanted = |marks: &Self, entry: &Linked| {
            let frame = usize::from(entry.frame);
            if entry.is_reg {
                marks.regs[frame] & 1 << entry.index != 0
            } else {
                marks.slots[frame] & 1 << entry.index != 0
            }
        };
        if !linked.iter().flatten().any(|entry| wanted(self, entry)) {
            return;
        }
        for entry in linked.iter().flatten() {
            let frame = usize::from(entry.frame);
            if entry.is_reg {
                self.regs[frame] |= 1 << entry.index;
            } else {
                self.slots[frame] |= 1 << entry.index;
            }
        }
    }
}

/// Appends `r1,r2`.
fn push_regs(out: &mut String, mask: u16) {
    let mut first = true;
    for reg in 0..16 {
        if mask & 1 << reg != 0 {
            if !first {
                out.push(',');
            }
            first = false;
            out.push('r');
            crate::log::number::push_decimal(out, reg);
        }
    }
}

/// Appends `-8,-16`.
pub(crate) fn push_slots(out: &mut String, mask: u64) {
    let mut first = true;
    for slot in 0..64 {
        if mask & 1 << slot != 0 {
            if !first {
                out.push(',');
            }
            first = false;
            crate::log::number::push_decimal(out, i64::from(slot_offset(slot)));
        }
    }
}

/// What walking back over an instruction came to.
pub(super) enum Back {
    Done,
    /// It can't be followed: all numbers are taken as wanted.
    GiveUp,
}

impl Walker<'_> {
    /// Marks a register of the current frame precise on the whole path.
    pub(crate) fn mark_precise(&mut self, reg: u8) -> Checked {
        let depth = self.state.depth();
        self.marks.clear();
        self.marks.regs[depth] = 1 << reg;
        self.mark_wanted()
    }

    /// Marks a stack slot precise on the whole path.
    pub(crate) fn mark_slot_precise(&mut self, frame: usize, slot: usize) -> Checked {
        self.marks.clear();
        self.marks.slots[frame] |= 1 << slot;
        self.mark_wanted()
    }

    /// Marks what is wanted precise, back from the current instruction.
    pub(crate) fn mark_wanted(&mut self) -> Checked {
        let path = std::mem::take(&mut self.path);
        let result = self.walk_back(&path, self.insn, self.state.depth());
        self.path = path;
        result.map(|_| ())
    }

    /// Walks back from an instruction at the end of a path; says whether anything is newly marked.
    pub(crate) fn walk_back(&mut self, start: &Path, insn: usize, depth: usize) -> Checked<bool> {
        let mut changed = false;
        let mut marks = std::mem::take(&mut self.marks);
        marks.frame = depth;
        let result = self.walk_back_marks(start, insn, &mut marks, &mut changed);
        marks.clear();
        self.marks = marks;
        result.map(|()| changed)
    }

    fn walk_back_marks(
        &mut self,
        start: &Path,
        insn: usize,
        marks: &mut Marks,
        changed: &mut bool,
    ) -> Checked {
        if marks.is_empty() {
            return Ok(());
        }
        let mut last = insn;
        let mut first = start.first;
        let mut later: Option<usize> = None;
        let mut skip = true;
        let mut at_checkpoint = None;
        loop {
            if self.level_two {
                let later = later.map_or(-1, |later| later as i64);
                self.log.write(format_args!(
                    "mark_precise: frame{}: last_idx {last} first_idx {first} subseq_idx {later} \n",
                    marks.frame
                ));
            }
            // The steps of the path are those of its checkpoint, or of the start.
            let steps: Vec<Step>;
            let steps: &[Step] = match at_checkpoint {
                None => &start.steps,
                Some(id) => {
                    let path: &Path = &self.checkpoint(id).path;
                    steps = path.steps.clone();
                    &steps
                }
            };
            let mut left = steps.len();
            let mut at = last;
            loop {
                if skip {
                    skip = false;
                } else {
                    let step = left.checked_sub(1).map(|top| steps[top]).filter(|step| step.insn == at);
                    match self.walk_back_over(at, later, step.as_ref(), marks)? {
                        Back::Done => {}
                        Back::GiveUp => {
                            self.mark_all_precise(start.parent);
                            marks.clear();
                            return Ok(());
                        }
                    }
                }
                if marks.is_empty() {
                    return Ok(());
                }
                later = Some(at);
                if at == first && (left == 0 || (left == 1 && steps[0].insn == at)) {
                    break;
                }
                match left.checked_sub(1).map(|top| steps[top]) {
                    Some(step) if step.insn == at => {
                        left -= 1;
                        if step.previous == usize::MAX {
                            break;
                        }
                        at = step.previous;
                    }
                    _ => match at.checked_sub(1) {
                        Some(before) => at = before,
                        None => break,
                    },
                }
            }
            let parent = match at_checkpoint {
                None => start.parent,
                Some(id) => self.checkpoint(id).path.parent,
            };
            let Some(parent) = parent else {
                break;
            };
            if self.checkpoints[parent].is_none() {
                return Ok(());
            }
            self.mark_checkpoint(parent, marks, changed);
            if marks.is_empty() {
                return Ok(());
            }
            later = Some(first);
            let checkpoint = self.checkpoint(parent);
            last = checkpoint.path.last;
            first = checkpoint.path.first;
            at_checkpoint = Some(parent);
        }
        if !marks.is_empty() {
            self.mark_all_precise(start.parent);
            marks.clear();
        }
        Ok(())
    }

    /// Marks what is wanted in a checkpoint; what was marked before or is no number is wanted no longer.
    fn mark_checkpoint(&mut self, id: usize, marks: &mut Marks, changed: &mut bool) {
        let level_two = self.level_two;
        for frame in (0..=marks.frame).rev() {
            let checkpoint = self.checkpoints[id].as_mut().expect("looked at before");
            let Some(content) = checkpoint.state.frames.get_mut(frame) else {
                continue;
            };
            for (index, reg) in content.regs.iter_mut().enumerate() {
                if marks.regs[frame] & 1 << index == 0 {
                    continue;
                }
                if !reg.is_scalar() || reg.precise {
                    marks.regs[frame] &= !(1 << index);
                } else {
                    reg.precise = true;
                    *changed = true;
                }
            }
            for index in 0..64 {
                if marks.slots[frame] & 1 << index == 0 {
                    continue;
                }
                match content.stack.get_mut(index) {
                    Some(slot) if slot.is_scalar_spill() && !slot.spilled.precise => {
                        slot.spilled.precise = true;
                        *changed = true;
                    }
                    _ => marks.slots[frame] &= !(1 << index),
                }
            }
            if level_two {
                let out = self.log.text_mut();
                out.push_str("mark_precise: frame");
                crate::log::number::push_decimal(out, frame as i64);
                out.push_str(": parent state regs=");
                push_regs(out, marks.regs[frame]);
                out.push_str(" stack=");
                push_slots(out, marks.slots[frame]);
                out.push_str(":  ");
                out.pop();
                let checkpoint = self.checkpoints[id].as_ref().expect("looked at before");
                self.log.state(&checkpoint.state, frame, Parts::All, &self.subject.maps);
            }
        }
    }

    fn walk_back_over(
        &mut self,
        at: usize,
        later: Option<usize>,
        step: Option<&Step>,
        marks: &mut Marks,
    ) -> Checked<Back> {
        let slot = self.subject.slots[at];
        if slot.opcode == 0 {
            return Ok(Back::Done);
        }
        let Some(insn) = self.structure.insns[at] else {
            return Ok(Back::Done);
        };
        if self.level_two {
            let shown = self.shown_parts();
            let out = self.log.text_mut();
            out.push_str("mark_precise: frame");
            crate::log::number::push_decimal(out, marks.frame as i64);
            out.push_str(": regs=");
            push_regs(out, marks.regs[marks.frame]);
            out.push_str(" stack=");
            push_slots(out, marks.slots[marks.frame]);
            out.push_str(" before ");
            crate::log::number::push_decimal(out, at as i64);
            out.push_str(": ");
            push_insn(out, self.subject, Some(&insn), at, shown);
            out.push('\n');
        }
        if let Some(step) = step {
            marks.spread(&step.linked);
        }
        let stack = step.and_then(|step| step.stack);
        let Roles { reads, writes } = self.structure.roles[at];
        match insn {
            Insn::AddrSpaceCast { .. } => return Ok(Back::Done),
            // What goes into a result is wanted instead of it. The frame pointer is never a number.
            Insn::Alu { .. }
            | Insn::Neg { .. }
            | Insn::ToEndian { .. }
            | Insn::Bswap { .. }
            | Insn::MovSx { .. } => {
                if !marks.has_any(writes) {
                    return Ok(Back::Done);
                }
                marks.drop_all(writes);
                marks.want_all(reads.without(RegSet::of(&[Reg::R10])));
            }
            Insn::Load { .. } | Insn::LoadSx { .. } | Insn::LoadAcquire { .. } => {
                if !marks.has_any(writes) {
                    return Ok(Back::Done);
                }
                marks.drop_all(writes);
                let Some((frame, slot)) = stack else {
                    return Ok(Back::Done);
                };
                marks.slots[usize::from(frame)] |= 1 << slot;
            }
            Insn::Atomic { .. } if self.rules.atomics_are_loads && marks.has_any(writes) => {
                marks.drop_all(writes);
                if let Some((frame, slot)) = stack {
                    marks.slots[usize::from(frame)] |= 1 << slot;
                }
            }
            Insn::Store { base, .. }
            | Insn::StoreImm { base, .. }
            | Insn::StoreRelease { base, .. }
            | Insn::Atomic { base, .. } => {
                if marks.has(base.number()) {
                    return Ok(Back::GiveUp);
                }
                let Some((frame, slot)) = stack else {
                    return Ok(Back::Done);
                };
                let mask = &mut marks.slots[usize::from(frame)];
                if *mask & 1 << slot == 0 {
                    return Ok(Back::Done);
                }
                *mask &= !(1 << slot);
                match insn {
                    Insn::Store { src, .. } | Insn::StoreRelease { src, .. } => marks.want(src.number()),
                    Insn::Atomic { op, src, .. } if op != AtomicOp::Cmpxchg => marks.want(src.number()),
                    _ => {}
                }
            }
            Insn::LoadImm64 { .. } => marks.drop_all(writes),
            Insn::LoadAbs { .. } | Insn::LoadInd { .. } => {
                if !marks.has(slot.dst) {
                    if self.rules.callbacks_load_no_packet && later != Some(at + 1) {
                        // It ended the function.
                        self.enter_function(marks)?;
                    }
                    return Ok(Back::Done);
                }
                marks.drop(slot.dst);
                return Ok(Back::GiveUp);
            }
            Insn::CallLocal { .. } => {
                // The function's first instruction is left for its caller: arguments are wanted there.
                let wanted = marks.regs[marks.frame] & ARGUMENTS;
                let (regs, slots) = (marks.regs[marks.frame], marks.slots[marks.frame]);
                if regs & !ARGUMENTS != 0 {
                    return self.unexpected_regs("static subprog", regs);
                }
                if slots != 0 {
                    return self.leftover_slots(slots);
                }
                self.leave_function(marks)?;
                marks.regs[marks.frame] |= wanted;
                return Ok(Back::Done);
            }
            Insn::CallHelper { .. } if self.structure.calls_back[at] && later != Some(at + 1) => {
                // The function's first instruction is left for the helper that calls it back.
                if marks.regs[marks.frame] & !ARGUMENTS != 0 {
                    return self.unexpected_regs("callback", marks.regs[marks.frame]);
                }
                if marks.slots[marks.frame] != 0 {
                    return Ok(Back::GiveUp);
                }
                self.leave_function(marks)?;
                return Ok(Back::Done);
            }
            Insn::CallHelper { .. } | Insn::CallKfunc { .. } => {
                marks.drop(0);
                if marks.regs[marks.frame] & ARGUMENTS != 0 {
                    return self.unexpected_regs("backtracking call", marks.regs[marks.frame]);
                }
                let tail_call =
                    matches!(insn, Insn::CallHelper { helper } if helper.number() == Helper::TailCall as i32);
                if tail_call && self.rules.tail_calls_return && later != Some(at + 1) {
                    // It ended the function: what comes before belongs to it.
                    self.enter_function(marks)?;
                }
            }
            Insn::Exit => {
                let from_helper = later.is_some_and(|later| self.structure.calls_back[later]);
                if from_helper && self.rules.callbacks_hide_arguments {
                    marks.regs[marks.frame] &= !ARGUMENTS;
                }
                let returns_result = later
                    .and_then(|later| later.checked_sub(1))
                    .is_some_and(|call| matches!(self.structure.insns[call], Some(Insn::CallLocal { .. })));
                let wants_result = returns_result && marks.has(0);
                marks.drop(0);
                self.enter_function(marks)?;
                if wants_result {
                    marks.want(0);
                }
                return Ok(Back::Done);
            }
            Insn::JumpIf { dst, src: Source::Reg(src), .. } => {
                if !marks.has(dst.number()) && !marks.has(src.number()) {
                    return Ok(Back::Done);
                }
                let [dst_points, src_points] = step.map_or([false; 2], |step| step.frame_pointers);
                if !src_points {
                    marks.want(src.number());
                }
                if !dst_points {
                    marks.want(dst.number());
                }
            }
            // Other jumps have no result and want no number.
            _ => {}
        }
        if let Some(step) = step {
            marks.spread(&step.linked);
        }
        Ok(Back::Done)
    }

    /// Marks every number of every checkpoint of the path.
    pub(crate) fn mark_all_precise(&mut self, mut parent: Option<usize>) {
        let depth = self.state.depth();
        if self.level_two {
            self.log.write(format_args!(
                "mark_precise: frame{depth}: falling back to forcing all scalars precise\n"
            ));
        }
        while let Some(id) = parent {
            let Some(mut checkpoint) = self.checkpoints[id].take() else {
                break;
            };
            for (frame, content) in checkpoint.state.frames.iter_mut().enumerate() {
                for (index, reg) in content.regs[..10].iter_mut().enumerate() {
                    if reg.is_scalar() && !reg.precise {
                        reg.precise = true;
                        if self.level_two {
                            self.log.write(format_args!(
                                "force_precise: frame{frame}: forcing r{index} to be precise\n"
                            ));
                        }
                    }
                }
                for (index, slot) in content.stack.iter_mut().enumerate() {
                    if slot.is_scalar_spill() && !slot.spilled.precise {
                        slot.spilled.precise = true;
                        if self.level_two {
                            self.log.write(format_args!(
                                "force_precise: frame{frame}: forcing fp{} to be precise\n",
                                slot_offset(index)
                            ));
                        }
                    }
                }
            }
            parent = checkpoint.path.parent;
            self.checkpoints[id] = Some(checkpoint);
        }
    }

    /// Wants what is precise in a checkpoint, and read later where marks say so; writes it down.
    pub(crate) fn want_as_in(&mut self, id: usize) {
        self.marks.clear();
        let rules = self.rules;
        let Some(checkpoint) = self.checkpoints[id].as_ref() else {
            return;
        };
        for (frame, content) in checkpoint.state.frames.iter().enumerate().rev() {
            let mut any = false;
            let level_two = self.level_two;
            let mut tell = |log: &mut crate::log::Log, what: std::fmt::Arguments<'_>| {
                if level_two {
                    if any {
                        log.push(",");
                    } else {
                        log.write(format_args!("frame {frame}: propagating "));
                    }
                    log.write(what);
                }
                any = true;
            };
            for (index, reg) in content.regs[..10].iter().enumerate() {
                let unread = !rules.live_registers && content.marks[index].read == Extent::Nothing;
                if reg.kind == Kind::Scalar && reg.precise && !unread {
                    tell(self.log, format_args!("r{index}"));
                    self.marks.want_reg_of(frame, index);
                }
            }
            for (index, slot) in content.stack.iter().enumerate() {
                let unread = !rules.live_stack && slot.mark.read == Extent::Nothing;
                if slot.is_scalar_spill() && slot.spilled.precise && !unread {
                    tell(self.log, format_args!("fp{}", slot_offset(index)));
                    self.marks.want_slot_of(frame, index);
                }
            }
            // The end of the line stands in the log at level 1 too, where the line itself doesn't.
            if any {
                self.log.push("\n");
            }
        }
    }
}
