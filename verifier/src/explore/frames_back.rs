//! Walking back into functions and out of them, and what the kernel says where it loses its way.

use super::precision::{Back, Marks};
use super::walker::Walker;
use crate::message::{Hex, Message};
use crate::stop::{Checked, EFAULT, refuse};

impl Walker<'_> {
    /// The walk back comes to the end of a function.
    pub(super) fn enter_function(&mut self, marks: &mut Marks) -> Checked {
        if marks.frame + 1 >= marks.regs.len() {
            return refuse(EFAULT, Message::BackIntoFunction { frame: marks.frame.into() });
        }
        marks.frame += 1;
        Ok(())
    }

    /// The walk back comes to the call of the function that it's in.
    pub(super) fn leave_function(&mut self, marks: &mut Marks) -> Checked {
        if marks.frame == 0 {
            return refuse(EFAULT, Message::BackOutOfEntry {});
        }
        marks.regs[marks.frame] = 0;
        marks.frame -= 1;
        Ok(())
    }

    /// The walk back leaves a function, and slots of its stack are still wanted.
    pub(super) fn leftover_slots(&mut self, slots: u64) -> Checked<Back> {
        refuse(EFAULT, Message::BackWantsSlots { slots: Hex(slots) })
    }

    /// The walk back comes to a call, and registers that it can't go on with are still wanted.
    pub(super) fn unexpected_regs(&mut self, place: &'static str, regs: u16) -> Checked<Back> {
        refuse(EFAULT, Message::BackWantsRegs { place: place.into(), regs: Hex(regs.into()) })
    }
}
