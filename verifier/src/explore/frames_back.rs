//! Walking back into functions and out of them, and what the kernel says where it loses its way.

use super::precision::{Back, Marks};
use super::walker::Walker;
use crate::stop::{Checked, EFAULT};

impl Walker<'_> {
    /// The walk back comes to the end of a function.
    pub(super) fn enter_function(&mut self, marks: &mut Marks) -> Checked {
        if marks.frame + 1 >= marks.regs.len() {
            let frame = marks.frame;
            return self.reject_bug(format_args!("subprog enter from frame {frame}"));
        }
        marks.frame += 1;
        Ok(())
    }

    /// The walk back comes to the call of the function that it's in.
    pub(super) fn leave_function(&mut self, marks: &mut Marks) -> Checked {
        if marks.frame == 0 {
            return self.reject_bug(format_args!("subprog exit from frame 0"));
        }
        marks.regs[marks.frame] = 0;
        marks.frame -= 1;
        Ok(())
    }

    fn reject_bug(&mut self, what: std::fmt::Arguments<'_>) -> Checked {
        let words = if self.rules.bug_words.is_empty() { "BUG " } else { self.rules.bug_words };
        self.reject(EFAULT, format_args!("{words}{what}"))
    }

    /// The walk back leaves a function, and slots of its stack are still wanted.
    pub(super) fn leftover_slots(&mut self, slots: u64) -> Checked<Back> {
        let words = self.rules.bug_words;
        if words.is_empty() {
            return self.reject(EFAULT, format_args!("BUG stack slots {slots:x}"));
        }
        self.reject(EFAULT, format_args!("{words}static subprog leftover stack slots {slots:x}"))
    }

    /// The walk back comes to a call, and registers that it can't go on with are still wanted.
    pub(super) fn unexpected_regs(&mut self, place: &str, regs: u16) -> Checked<Back> {
        let words = self.rules.bug_words;
        if words.is_empty() {
            return self.reject(EFAULT, format_args!("BUG regs {regs:x}"));
        }
        self.reject(EFAULT, format_args!("{words}{place} unexpected regs {regs:x}"))
    }
}
