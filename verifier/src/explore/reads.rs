//! Marks of what is read, carried back along the checkpoints of a path.

use knockwright_asm::{Insn, Size, SwapBits, Width};

use super::walker::{CheckpointId, Walker};
use crate::state::{Extent, Mark, Origin, Reg, StackSlot, State};

/// How much of a register an instruction reads. Halves matter, since a mark for the whole isn't put down by one for the half.
fn extent_of_read(insn: Option<&Insn>, is_number: bool) -> Extent {
    let wide = |width: Width| width == Width::W64;
    let stored = |size: Size| !is_number || size == Size::U64;
    let whole = match insn {
        Some(Insn::Alu { width, .. } | Insn::Neg { width, .. } | Insn::JumpIf { width, .. }) => wide(*width),
        Some(Insn::MovSx { from, .. }) => {
            use knockwright_asm::SignExtend::{S8ToW64, S16ToW64, S32ToW64};
            matches!(from, S8ToW64 | S16ToW64 | S32ToW64)
        }
        Some(Insn::ToEndian { bits, .. } | Insn::Bswap { bits, .. }) => *bits == SwapBits::B64,
        Some(Insn::Store { size, .. } | Insn::StoreRelease { size, .. }) => stored(*size),
        Some(Insn::Atomic { size, .. }) => stored((*size).into()),
        Some(Insn::CallLocal { .. }) => false,
        _ => true,
    };
    if whole { Extent::Whole } else { Extent::Lower }
}

impl Walker<'_> {
    /// The current instruction reads a register of the innermost frame.
    pub(crate) fn note_read(&mut self, number: u8) {
        if self.rules.live_registers || number >= 10 {
            return;
        }
        let extent = extent_of_read(self.structure.insns[self.insn].as_ref(), self.reg(number).is_scalar());
        let mark = self.state.frame().marks[usize::from(number)];
        self.mark_read(mark, extent);
    }

    /// The current instruction reads a stack slot.
    pub(crate) fn note_slot_read(&mut self, frame: usize, slot: usize) {
        if self.rules.live_stack {
            self.live_stack.read(frame, self.insn, 1 << slot);
            return;
        }
        let mark = self.state.frames[frame].stack[slot].mark;
        self.mark_read(mark, Extent::Whole);
    }

    /// The current instruction writes a register of the innermost frame.
    pub(crate) fn note_write(&mut self, number: u8) {
        if number < 10 {
            self.state.frame_mut().marks[usize::from(number)].written = true;
        }
    }

    /// The current instruction writes all of a stack slot.
    pub(crate) fn note_slot_write(&mut self, frame: usize, slot: usize) {
        if self.rules.live_stack {
            self.live_stack.write(frame, slot);
        } else {
            self.state.frames[frame].stack[slot].mark.written = true;
        }
    }

    /// A value of the current state is read: so are those that it goes back to, up to the one that was written.
    fn mark_read(&mut self, mark: Mark, extent: Extent) {
        if !mark.written {
            self.carry_back(mark.origin, extent, 0);
        }
    }

    fn carry_back(&mut self, mut origin: Option<Origin>, extent: Extent, mut steps: u32) {
        while let Some(place) = origin {
            let Some(mark) = self.mark_of(place) else {
                break;
            };
            // What was marked before has been carried back before.
            if mark.read == extent || mark.read == Extent::Whole {
                break;
            }
            mark.read = extent;
            steps += 1;
            if mark.written {
                break;
            }
            origin = mark.origin;
        }
        self.counters.longest_read = self.counters.longest_read.max(steps);
    }

    fn mark_of(&mut self, place: Origin) -> Option<&mut Mark> {
        let checkpoint = self.checkpoints[place.checkpoint as usize].as_mut()?;
        let frame = checkpoint.state.frames.get_mut(usize::from(place.frame))?;
        let index = usize::from(place.index);
        if place.is_reg {
            frame.marks.get_mut(index)
        } else {
            frame.stack.get_mut(index).map(|slot| &mut slot.mark)
        }
    }

    /// The values of the current state go back to those of a new checkpoint.
    pub(crate) fn connect(&mut self, id: CheckpointId) {
        if self.rules.live_stack {
            return;
        }
        let innermost = self.state.depth();
        for (number, frame) in self.state.frames.iter_mut().enumerate() {
            // Of the outer frames a function leaves only R6 to R9 alone.
            let first = if number < innermost { 6 } else { 0 };
            let origin = |is_reg, index: usize| {
                Some(Origin { checkpoint: id as u32, frame: number as u8, is_reg, index: index as u8 })
            };
            for (index, mark) in frame.marks.iter_mut().enumerate() {
                let origin = if index < first { mark.origin } else { origin(true, index) };
                *mark = Mark { origin, ..Mark::default() };
            }
            for (index, slot) in frame.stack.iter_mut().enumerate() {
                slot.mark = Mark { origin: origin(false, index), ..Mark::default() };
            }
        }
    }

    /// The path goes on as one from a checkpoint did: what that one reads is read here too.
    pub(crate) fn read_as_in(&mut self, id: CheckpointId) {
        if self.rules.live_stack {
            return;
        }
        let mut reads: Vec<(Mark, Extent)> = Vec::new();
        let Some(old) = self.checkpoints[id].as_ref() else {
            return;
        };
        let innermost = old.state.depth();
        for (number, (old, new)) in old.state.frames.iter().zip(&self.state.frames).enumerate() {
            let first = if number < innermost { 6 } else { 0 };
            let regs = old.marks.iter().zip(&new.marks).skip(first);
            let slots = old.stack.iter().zip(&new.stack).map(|(old, new)| (&old.mark, &new.mark));
            let wanted = regs.chain(slots).filter(|(old, new)| {
                old.read != Extent::Nothing && new.read != Extent::Whole && new.read != old.read
            });
            reads.extend(wanted.map(|(old, new)| (*new, old.read)));
        }
        for (mark, extent) in reads {
            // The current state's own value is the first of the way.
            let origin = if mark.written { None } else { mark.origin };
            self.carry_back(origin, extent, 1);
        }
    }
}

/// Forgets what no path from a finished state reads.
pub(crate) fn forget_unread(state: &mut State) {
    for frame in &mut state.frames {
        for (reg, mark) in frame.regs.iter_mut().zip(&mut frame.marks) {
            mark.done = true;
            if mark.read == Extent::Nothing {
                *reg = Reg::NOT_INIT;
            }
        }
        for slot in &mut frame.stack {
            slot.mark.done = true;
            if slot.mark.read == Extent::Nothing {
                *slot = StackSlot { mark: slot.mark, ..StackSlot::INVALID };
            }
        }
    }
}
