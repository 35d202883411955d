//! The registers and slots whose numbers are wanted while walking back.

use knockwright_asm::RegSet;

use crate::machine::{Holder, Linked};
use crate::message::{Hex, Message};
use crate::state::{FramePlace, MAX_FRAMES};
use crate::stop::{Checked, EFAULT, refuse};

/// The registers and slots that are wanted, by frame, and the frame that the walk back is in.
#[derive(Debug, Default, Clone)]
pub(super) struct Wanted {
    regs: [u16; MAX_FRAMES],
    slots: [u64; MAX_FRAMES],
    frame: usize,
}

impl Wanted {
    /// The frame that the walk back is in.
    pub(super) fn frame(&self) -> usize {
        self.frame
    }

    /// The walk back begins in a frame.
    pub(super) fn begin(&mut self, frame: usize) {
        self.frame = frame;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.regs[..=self.frame].iter().all(|&mask| mask == 0)
            && self.slots[..=self.frame].iter().all(|&mask| mask == 0)
    }

    pub(super) fn clear(&mut self) {
        self.regs = [0; MAX_FRAMES];
        self.slots = [0; MAX_FRAMES];
    }

    /// The registers of a frame, each a bit.
    pub(super) fn regs(&self, frame: usize) -> u16 {
        self.regs[frame]
    }

    /// The slots of a frame, each a bit.
    pub(super) fn slots(&self, frame: usize) -> u64 {
        self.slots[frame]
    }

    pub(super) fn has(&self, reg: u8) -> bool {
        self.regs[self.frame] & 1 << reg != 0
    }

    pub(super) fn want(&mut self, reg: u8) {
        self.regs[self.frame] |= 1 << reg;
    }

    pub(super) fn drop(&mut self, reg: u8) {
        self.regs[self.frame] &= !(1 << reg);
    }

    pub(super) fn has_any(&self, regs: RegSet) -> bool {
        self.regs[self.frame] & regs.bits() != 0
    }

    pub(super) fn want_all(&mut self, regs: RegSet) {
        self.want_bits(regs.bits());
    }

    /// The same of registers that are each a bit.
    pub(super) fn want_bits(&mut self, regs: u16) {
        self.regs[self.frame] |= regs;
    }

    pub(super) fn drop_all(&mut self, regs: RegSet) {
        self.regs[self.frame] &= !regs.bits();
    }

    pub(super) fn want_reg_of(&mut self, frame: usize, reg: usize) {
        self.regs[frame] |= 1 << reg;
    }

    pub(super) fn drop_reg_of(&mut self, frame: usize, reg: usize) {
        self.regs[frame] &= !(1 << reg);
    }

    pub(super) fn want_slot_of(&mut self, frame: usize, slot: usize) {
        self.slots[frame] |= 1 << slot;
    }

    pub(super) fn drop_slot_of(&mut self, frame: usize, slot: usize) {
        self.slots[frame] &= !(1 << slot);
    }

    pub(super) fn want_holder(&mut self, holder: Holder) {
        let frame = usize::from(holder.frame);
        match holder.place {
            FramePlace::Reg(reg) => self.want_reg_of(frame, reg.into()),
            FramePlace::Slot(slot) => self.want_slot_of(frame, slot.into()),
        }
    }

    fn has_holder(&self, holder: Holder) -> bool {
        let frame = usize::from(holder.frame);
        match holder.place {
            FramePlace::Reg(reg) => self.regs[frame] & 1 << reg != 0,
            FramePlace::Slot(slot) => self.slots[frame] & 1 << slot != 0,
        }
    }

    /// If one of several linked numbers is wanted, all are.
    pub(super) fn spread(&mut self, linked: &Linked) {
        if linked.iter().flatten().any(|&holder| self.has_holder(holder)) {
            for &holder in linked.iter().flatten() {
                self.want_holder(holder);
            }
        }
    }

    /// The walk back comes to the end of a function.
    pub(super) fn enter_function(&mut self) -> Checked {
        if self.frame + 1 >= MAX_FRAMES {
            return refuse(EFAULT, Message::BackIntoFunction { frame: self.frame.into() });
        }
        self.frame += 1;
        Ok(())
    }

    /// The walk back comes to the call of the function that it's in.
    pub(super) fn leave_function(&mut self) -> Checked {
        if self.frame == 0 {
            return refuse(EFAULT, Message::BackOutOfEntry {});
        }
        self.regs[self.frame] = 0;
        self.frame -= 1;
        Ok(())
    }

    /// At a call that it can't go on with if registers are still wanted but those in `but`.
    pub(super) fn check_regs(&self, place: &'static str, but: RegSet) -> Checked {
        let regs = self.regs[self.frame];
        if regs & !but.bits() != 0 {
            return refuse(EFAULT, Message::BackWantsRegs { place: place.into(), regs: Hex(regs.into()) });
        }
        Ok(())
    }

    /// At a call that it can't go on with if slots are still wanted.
    pub(super) fn check_no_slots(&self) -> Checked {
        let slots = self.slots[self.frame];
        if slots != 0 {
            return refuse(EFAULT, Message::BackWantsSlots { slots: Hex(slots) });
        }
        Ok(())
    }
}
