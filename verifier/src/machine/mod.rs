//! What an instruction is walked with: the state before it, the facts that checks go by, and the way to ask the exploration
//! that walks it.

mod findings;
mod seam;

pub(crate) use findings::{Findings, Mask, Offset, Order, PointerType};
pub(crate) use seam::{At, Branch, Event, Explore, Holder, Linked};

use knockwright_asm::Reg as Register;

use crate::message::Message;
use crate::options::Options;
use crate::profile::Rules;
use crate::program::Subject;
use crate::state::{Frame, FramePlace, Id, Link, Reg, RegType, State};
use crate::stop::{Checked, EACCES, EINVAL, Stop, refuse};
use crate::structure::{Flow, Structure};

/// What is known before the walk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) structure: &'a Structure,
    pub(crate) flow: &'a Flow,
    pub(crate) rules: &'a Rules,
    pub(crate) options: &'a Options,
}

/// How a destination register is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Destination {
    /// It's overwritten with an unknown number.
    Unknown,
    /// It's overwritten later.
    Later,
}

/// What comes after an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// The instruction after this one.
    Follow,
    /// On at another slot.
    Jump(usize),
    /// The path has ended.
    End,
}

/// What the state lines that come next show.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Changes {
    /// The registers that have changed, each a bit.
    pub(crate) regs: u16,
    /// The stack slots that have changed, each a bit.
    pub(crate) slots: u64,
    /// A path has been taken up again or a function has returned: the whole state is written before the next instruction.
    pub(crate) whole: bool,
}

impl Changes {
    /// Every register and every slot.
    pub(crate) fn add_all(&mut self) {
        self.regs = u16::MAX;
        self.slots = u64::MAX;
    }

    /// Nothing is left to write on the line after the instruction.
    pub(crate) fn clear(&mut self) {
        self.regs = 0;
        self.slots = 0;
    }

    /// Whether there is anything for the line after the instruction.
    pub(crate) fn are_any(&self) -> bool {
        self.regs != 0 || self.slots != 0
    }
}

/// An instruction about to be walked, and the exploration that does so.
#[derive(Debug)]
pub(crate) struct Machine<'a, E> {
    pub(crate) subject: &'a Subject,
    pub(crate) structure: &'a Structure,
    pub(crate) flow: &'a Flow,
    pub(crate) rules: &'a Rules,
    pub(crate) options: &'a Options,
    /// The state on the current path.
    pub(crate) state: State,
    /// The slot of the current instruction.
    pub(crate) insn: usize,
    pub(crate) changes: Changes,
    /// What the paths so far have found.
    pub(crate) found: Findings,
    /// The identity given last.
    last_id: u32,
    /// What walks the instructions.
    pub(crate) explorer: E,
}

impl<'a, E> Machine<'a, E> {
    /// Before the first instruction of the entry function.
    pub(crate) fn new(facts: Facts<'a>, explorer: E) -> Self {
        let Facts { subject, structure, flow, rules, options } = facts;
        let mut entry = Frame::new(0, None, 0);
        entry.regs[1] = Reg::pointer(RegType::Ctx);
        let mut changes = Changes::default();
        changes.add_all();
        Self {
            subject,
            structure,
            flow,
            rules,
            options,
            state: State { frames: vec![entry], ..State::empty() },
            insn: structure.starts[0],
            changes,
            found: Findings::new(subject.slots.len(), structure.starts.len() - 1),
            last_id: 0,
            explorer,
        }
    }

    /// An identity that nothing has yet.
    pub(crate) fn new_id(&mut self) -> Id {
        let id = Id::MIN.saturating_add(self.last_id);
        self.last_id = id.get();
        id
    }

    /// The identity given last.
    pub(crate) fn last_id(&self) -> u32 {
        self.last_id
    }

    pub(crate) fn reg(&self, number: u8) -> &Reg {
        &self.state.frame().regs[usize::from(number)]
    }

    pub(crate) fn reg_mut(&mut self, number: u8) -> &mut Reg {
        &mut self.state.frame_mut().regs[usize::from(number)]
    }

    /// Notes that the state line after the instruction shows a register.
    pub(crate) fn show_reg(&mut self, number: u8) {
        self.changes.regs |= 1 << number;
    }

    /// Notes that the state line after the instruction shows a stack slot.
    pub(crate) fn show_slot(&mut self, slot: usize) {
        self.changes.slots |= 1 << (slot % 64);
    }

    pub(crate) fn show_everything(&mut self) {
        self.changes.add_all();
    }

    /// Whether a register is a pointer that must not become a number.
    pub(crate) fn is_secret_pointer(&self, number: u8) -> bool {
        !self.options.perfmon && !self.reg(number).is_scalar()
    }

    /// Gives a number an identity, so that copies of it stay equal to it.
    pub(crate) fn link(&mut self, number: u8) {
        let mut reg = *self.reg(number);
        self.give_identity(&mut reg);
        *self.reg_mut(number) = reg;
    }

    /// As [`Self::link`], for a value that isn't in a register.
    pub(crate) fn give_identity(&mut self, reg: &mut Reg) {
        if !reg.is_scalar() {
            return;
        }
        if reg.link != Link::Same {
            reg.unlink();
        }
        if reg.id.is_none() && !reg.num.is_const() {
            reg.id = Some(self.new_id());
        }
    }
}

/// What instructions and checks ask of the exploration.
impl<E: Explore> Machine<'_, E> {
    /// Reads a register: it must have been written.
    pub(crate) fn read_reg(&mut self, number: u8) -> Checked {
        if number > Register::R10.number() {
            return refuse(EINVAL, Message::InvalidRegister { reg: number });
        }
        self.show_reg(number);
        if self.reg(number).kind == RegType::NotInit {
            return refuse(EACCES, Message::NotReadable { reg: number });
        }
        self.note_read(number);
        Ok(())
    }

    /// Writes a register: it must not be the frame pointer.
    pub(crate) fn write_reg(&mut self, number: u8, how: Destination) -> Checked {
        if number > Register::R10.number() {
            return refuse(EINVAL, Message::InvalidRegister { reg: number });
        }
        self.show_reg(number);
        if number == Register::R10.number() {
            return refuse(EACCES, Message::FramePointer {});
        }
        self.note_write(number);
        if how == Destination::Unknown {
            *self.reg_mut(number) = Reg::UNKNOWN;
        }
        Ok(())
    }

    /// Nothing is known of R0 to R5 any more, as after any call.
    pub(crate) fn forget_caller_saved(&mut self) {
        for number in 0..6 {
            *self.reg_mut(number) = Reg::NOT_INIT;
            self.show_reg(number);
            self.note_write(number);
        }
    }

    /// The instruction reads a register of the innermost frame.
    pub(crate) fn note_read(&mut self, number: u8) {
        self.explorer.reg_is_read(At { state: &self.state, insn: self.insn }, number);
    }

    /// The instruction writes a register of the innermost frame.
    pub(crate) fn note_write(&mut self, number: u8) {
        self.explorer.reg_is_written(&mut self.state, number);
    }

    /// The instruction reads a stack slot.
    pub(crate) fn note_slot_read(&mut self, frame: usize, slot: usize) {
        self.explorer.slot_is_read(At { state: &self.state, insn: self.insn }, frame, slot);
    }

    /// The instruction writes all of a stack slot.
    pub(crate) fn note_slot_write(&mut self, frame: usize, slot: usize) {
        self.explorer.slot_is_written(&mut self.state, frame, slot);
    }

    /// Marks a register of the innermost frame precise on the whole path.
    pub(crate) fn mark_precise(&mut self, reg: u8) -> Checked {
        let frame = self.state.depth() as u8;
        self.mark_holder(Holder { frame, place: FramePlace::Reg(reg) })
    }

    /// Marks a stack slot precise on the whole path.
    pub(crate) fn mark_slot_precise(&mut self, frame: usize, slot: usize) -> Checked {
        self.mark_holder(Holder { frame: frame as u8, place: FramePlace::Slot(slot as u8) })
    }

    fn mark_holder(&mut self, holder: Holder) -> Checked {
        self.explorer.mark_precise(At { state: &self.state, insn: self.insn }, holder)
    }

    /// Remembers that the instruction spilled to a stack slot or filled from one.
    pub(crate) fn remember_stack(&mut self, frame: u8, slot: usize) {
        self.explorer.remember_stack(self.insn, frame, slot as u8);
    }

    /// Puts a copy of the current state aside to go on with at another instruction.
    pub(crate) fn push_branch(&mut self, insn: usize) -> Checked<&mut State> {
        self.push(insn, Branch::Jump)
    }

    /// The same for a round of a loop that the verifier alone ends.
    pub(crate) fn push_round(&mut self, insn: usize) -> Checked<&mut State> {
        self.push(insn, Branch::Round)
    }

    /// The same for a way that the processor takes by mistake.
    pub(crate) fn push_speculation(&mut self, insn: usize) -> Checked<&mut State> {
        self.push(insn, Branch::Speculation)
    }

    fn push(&mut self, insn: usize, branch: Branch) -> Checked<&mut State> {
        self.explorer.put_aside(At { state: &self.state, insn: self.insn }, insn, branch)?;
        Ok(self.explorer.aside())
    }

    /// Writes a message that isn't the reason of a rejection.
    pub(crate) fn note(&mut self, message: Message) {
        self.explorer.note(message);
    }

    /// Writes why something is refused, where the walk goes on all the same.
    pub(crate) fn say(&mut self, stop: &Stop) {
        self.explorer.say(stop);
    }

    /// Writes what happens between two frames.
    pub(crate) fn tell(&mut self, event: Event) {
        self.explorer.tell(&self.state, event);
    }

    /// Writes what a jump has learned.
    pub(crate) fn show_changes(&mut self) {
        let at = At { state: &self.state, insn: self.insn };
        self.explorer.show_changes(at, &mut self.changes);
    }
}
