//! Marks of what is read, carried back along the checkpoints of a path.

use knockwright_asm::{Insn, Size, SwapBits, Width};

use super::checkpoints::{CheckpointId, Checkpoints};
use super::counters::Counters;
use crate::state::{Extent, FramePlace, Mark, Origin, Reg, StackSlot, State};

/// How much of a register an instruction reads. Halves matter, since a mark for the whole isn't put down by one for the half.
pub(super) fn extent_of_read(insn: Option<&Insn>, is_number: bool) -> Extent {
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

/// The registers of a frame that a path takes along: of the outer frames a function leaves only R6 to R9 alone.
fn first_reg(frame: usize, innermost: usize) -> usize {
    if frame < innermost { 6 } else { 0 }
}

/// The values of a state go back to those of a new checkpoint.
pub(super) fn connect(state: &mut State, id: CheckpointId) {
    let innermost = state.depth();
    for (number, frame) in state.frames.iter_mut().enumerate() {
        let first = first_reg(number, innermost);
        let origin = |place| Some(Origin { checkpoint: id as u32, frame: number as u8, place });
        for (index, mark) in frame.marks.iter_mut().enumerate() {
            let origin = if index < first { mark.origin } else { origin(FramePlace::Reg(index as u8)) };
            *mark = Mark { origin, ..Mark::default() };
        }
        for (index, slot) in frame.stack.iter_mut().enumerate() {
            slot.mark = Mark { origin: origin(FramePlace::Slot(index as u8)), ..Mark::default() };
        }
    }
}

/// Where reads are carried back to, and counted.
pub(super) struct Reads<'a> {
    pub(super) checkpoints: &'a mut Checkpoints,
    pub(super) counters: &'a mut Counters,
}

impl Reads<'_> {
    /// A value of the current state is read: so are those that it goes back to, up to the one that was written.
    pub(super) fn read(&mut self, mark: &Mark, extent: Extent) {
        if !mark.written {
            self.carry_back(mark.origin, extent, 0);
        }
    }

    /// A state goes on as one from a checkpoint did: what that one reads is read here too.
    pub(super) fn read_as_in(&mut self, id: CheckpointId, state: &State) {
        let mut reads: Vec<(Mark, Extent)> = Vec::new();
        let Some(old) = self.checkpoints.get(id) else {
            return;
        };
        let innermost = old.state.depth();
        for (number, (old, new)) in old.state.frames.iter().zip(&state.frames).enumerate() {
            let regs = old.marks.iter().zip(&new.marks).skip(first_reg(number, innermost));
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

    fn carry_back(&mut self, mut origin: Option<Origin>, extent: Extent, mut steps: u32) {
        while let Some(at) = origin {
            let Some(mark) = self.mark_of(at) else {
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
        self.counters.carry_back(steps);
    }

    fn mark_of(&mut self, origin: Origin) -> Option<&mut Mark> {
        let checkpoint = self.checkpoints.get_mut(origin.checkpoint as usize)?;
        let frame = checkpoint.state.frames.get_mut(usize::from(origin.frame))?;
        match origin.place {
            FramePlace::Reg(reg) => frame.marks.get_mut(usize::from(reg)),
            FramePlace::Slot(slot) => frame.stack.get_mut(usize::from(slot)).map(|slot| &mut slot.mark),
        }
    }
}

/// Forgets what no path from a finished state reads.
pub(super) fn forget_unread(state: &mut State) {
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
