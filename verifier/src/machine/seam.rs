//! What the exploration around an instruction is asked by it: the seam between walking one instruction and walking all paths.

use crate::message::Message;
use crate::state::{FramePlace, State};
use crate::stop::{Checked, Stop};

/// A register or a stack slot of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Holder {
    pub(crate) frame: u8,
    pub(crate) place: FramePlace,
}

/// The registers and slots that hold the numbers linked with a compared one: as many as the kernel remembers.
pub(crate) type Linked = [Option<Holder>; 6];

/// An instruction and the state that it's walked in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'s> {
    pub(crate) state: &'s State,
    pub(crate) insn: usize,
}

/// Why a state is put aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Branch {
    /// The program may go either way.
    Jump,
    /// Another round of a loop that the verifier alone ends.
    Round,
    /// The processor may go there by mistake.
    Speculation,
}

/// What happens between two frames, for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// The function of a frame has been called.
    Call { callee: usize },
    /// The function of a frame ends.
    Return { callee: usize },
    /// A frame goes on at an instruction.
    Caller { caller: usize, next: usize },
}

/// What walks paths. All that one instruction needs of it.
pub(crate) trait Explore {
    /// A number is relied on: marks it on the whole way to the instruction.
    fn mark_precise(&mut self, at: At<'_>, holder: Holder) -> Checked;

    /// For walking back: the instruction spilled to a stack slot or filled from one.
    fn remember_stack(&mut self, insn: usize, frame: u8, slot: u8);

    /// For walking back: these numbers were linked when the instruction compared one of them.
    fn remember_linked(&mut self, insn: usize, linked: &Linked);

    /// For walking back: whether the destination and the source of a comparison point to the stack.
    fn remember_frame_pointers(&mut self, insn: usize, points: [bool; 2]);

    /// Puts a copy of a state aside to go on with at another instruction.
    fn put_aside(&mut self, at: At<'_>, to: usize, branch: Branch) -> Checked;

    /// The state put aside last, in this instruction.
    fn aside(&mut self) -> &mut State;

    /// Whether no further state can be put aside.
    fn has_all_branches(&self) -> bool;

    /// A state goes on at the head of a loop: numbers that differ from an earlier visit and that nothing relied on are unknown
    /// from here on.
    fn widen(&mut self, state: &mut State, head: usize);

    /// The same for the loop whose head is the current instruction, whose checkpoint of this visit doesn't count.
    fn widen_round(&mut self, state: &mut State, head: usize);

    /// A jump, call or exit is walked.
    fn count_jump(&mut self);

    /// The instruction reads a register of the innermost frame.
    fn reg_is_read(&mut self, at: At<'_>, number: u8);

    /// The instruction writes a register of the innermost frame.
    fn reg_is_written(&mut self, state: &mut State, number: u8);

    /// The instruction reads a stack slot.
    fn slot_is_read(&mut self, at: At<'_>, frame: usize, slot: usize);

    /// The instruction writes all of a stack slot.
    fn slot_is_written(&mut self, state: &mut State, frame: usize, slot: usize);

    /// The instruction enters a function of the program.
    fn function_is_entered(&mut self, insn: usize, function: usize);

    /// The innermost function is at its end.
    fn function_ends(&mut self);

    /// The innermost function has returned.
    fn function_is_left(&mut self);

    /// Writes a message that isn't the reason of a rejection.
    fn note(&mut self, message: Message);

    /// The same where every path is written.
    fn note_in_full(&mut self, message: Message);

    /// Writes why something is refused, where the walk goes on all the same.
    fn say(&mut self, stop: &Stop);

    /// Writes what happens between two frames.
    fn tell(&mut self, state: &State, event: Event);

    /// Writes what a jump has learned.
    fn show_changes(&mut self, at: At<'_>, changes: &mut super::Changes);
}
