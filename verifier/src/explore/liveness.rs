//! Which registers and slots of a state are read later, found in one of two ways.
//!
//! Marks on each value of each checkpoint are carried back along the paths: see [`super::marks`]. Or it's found by instruction,
//! for registers before the walk and for slots with it: see [`LiveStack`]. The kernels came to the latter one by one.

use super::checkpoints::{Checkpoint, CheckpointId};
use super::listing::Listing;
use super::live_stack::LiveStack;
use super::marks::{Reads, connect, extent_of_read, forget_unread};
use crate::machine::{At, Facts};
use crate::profile::Rules;
use crate::state::{Extent, Frame, Mark, Reg, StackSlot, State, WRITABLE_REGS};
use crate::structure::Structure;

/// What is read later.
#[derive(Debug)]
pub(super) struct Liveness {
    /// Marks tell it of registers.
    regs_by_marks: bool,
    /// What is known by instruction of slots; else marks tell it.
    slots: Option<LiveStack>,
}

impl Liveness {
    /// Before the first path.
    pub(super) fn new(rules: &Rules, structure: &Structure) -> Self {
        let slots = rules.live_stack.then(|| {
            let mut slots = LiveStack::default();
            slots.enter_main(structure, structure.starts[0]);
            slots
        });
        Self { regs_by_marks: !rules.live_registers, slots }
    }

    /// Whether marks tell which slots are read later.
    pub(super) fn is_by_marks(&self) -> bool {
        self.slots.is_none()
    }

    /// Whether a register of a checkpoint isn't read later, as far as marks tell it.
    pub(super) fn reg_is_unread(&self, mark: &Mark) -> bool {
        self.regs_by_marks && mark.read == Extent::Nothing
    }

    /// Whether a slot of a checkpoint isn't read later, as far as marks tell it.
    pub(super) fn slot_is_unread(&self, mark: &Mark) -> bool {
        self.slots.is_none() && mark.read == Extent::Nothing
    }

    /// An instruction is about to be walked.
    pub(super) fn begin_insn(&mut self, insn: usize) {
        if let Some(slots) = &mut self.slots {
            slots.begin_insn(insn);
        }
    }

    /// It's over: what it has written on every path so far is certain.
    pub(super) fn end_insn(&mut self) {
        if let Some(slots) = &mut self.slots {
            slots.commit();
        }
    }

    /// A function is called.
    pub(super) fn enter(&mut self, structure: &Structure, callsite: usize, function: usize) {
        if let Some(slots) = &mut self.slots {
            slots.enter(structure, callsite, function);
        }
    }

    /// The innermost function returns.
    pub(super) fn leave(&mut self) {
        if let Some(slots) = &mut self.slots {
            slots.leave();
        }
    }

    /// A path has ended: what is read later may be something else now.
    pub(super) fn end_path(&mut self, facts: Facts<'_>, listing: &mut Listing<'_>) {
        if let Some(slots) = &mut self.slots {
            slots.settle(facts.flow, facts.structure, listing.log());
        }
    }

    /// A path that was put aside is taken up.
    pub(super) fn follow(&mut self, structure: &Structure, frames: &[Frame]) {
        if let Some(slots) = &mut self.slots {
            slots.follow(structure, frames);
        }
    }

    /// The current instruction reads a register of the innermost frame.
    pub(super) fn read_reg(&self, facts: Facts<'_>, at: At<'_>, number: u8, mut reads: Reads<'_>) {
        let number = usize::from(number);
        if !self.regs_by_marks || number >= WRITABLE_REGS {
            return;
        }
        let frame = at.state.frame();
        let insn = facts.structure.insns[at.insn].as_ref();
        let extent = extent_of_read(insn, frame.regs[number].is_scalar());
        reads.read(&frame.marks[number], extent);
    }

    /// The current instruction reads a stack slot.
    pub(super) fn read_slot(&mut self, at: At<'_>, frame: usize, slot: usize, mut reads: Reads<'_>) {
        match &mut self.slots {
            Some(slots) => slots.read(frame, at.insn, 1 << slot),
            None => reads.read(&at.state.frames[frame].stack[slot].mark, Extent::Whole),
        }
    }

    /// The current instruction writes all of a stack slot.
    pub(super) fn write_slot(&mut self, state: &mut State, frame: usize, slot: usize) {
        match &mut self.slots {
            Some(slots) => slots.write(frame, slot),
            None => state.frames[frame].stack[slot].mark.written = true,
        }
    }

    /// A checkpoint has been made of a state.
    pub(super) fn connect(&self, state: &mut State, id: CheckpointId) {
        if self.is_by_marks() {
            connect(state, id);
        }
    }

    /// A state goes on as one from a checkpoint did.
    pub(super) fn read_as_in(&self, id: CheckpointId, state: &State, mut reads: Reads<'_>) {
        if self.is_by_marks() {
            reads.read_as_in(id, state);
        }
    }

    /// Forgets what no path from a finished checkpoint reads, so that more states compare equal.
    pub(super) fn clean(&self, facts: Facts<'_>, checkpoint: &mut Checkpoint) {
        let Some(slots) = &self.slots else {
            forget_unread(&mut checkpoint.state);
            return;
        };
        let insn = checkpoint.insn;
        let frames = &mut checkpoint.state.frames;
        let alive = slots.alive(facts.structure, frames, insn);
        for (number, alive) in alive.into_iter().enumerate() {
            let at = frames.get(number + 1).map_or(insn, |inner| inner.callsite.unwrap_or(insn));
            let live = facts.flow.live_regs[at];
            let frame = &mut frames[number];
            for (number, reg) in frame.regs[..WRITABLE_REGS].iter_mut().enumerate() {
                if live & 1 << number == 0 {
                    *reg = Reg::NOT_INIT;
                }
            }
            for (slot, held) in frame.stack.iter_mut().enumerate() {
                if alive & 1 << slot == 0 {
                    *held = StackSlot::INVALID;
                }
            }
        }
    }
}
