//! Whether a function of the program is given what its BTF says.

use knockwright_asm::{DataType, ProgType};

use crate::btf::{is_context, is_number};
use crate::machine::{Explore, Machine};
use crate::message::Message;
use crate::state::{Reg, RegType};
use crate::stop::Checked;

/// What the verifier can ask of an argument of a static function.
#[derive(Debug, Clone, Copy)]
enum Expected {
    Number,
    Context,
}

impl Expected {
    fn of(ty: &DataType, prog_type: ProgType) -> Option<Self> {
        match ty {
            ty if is_number(ty) => Some(Self::Number),
            ty if is_context(ty, prog_type) => Some(Self::Context),
            _ => None,
        }
    }
}

/// Whether an offset of a value says nothing against it as an argument.
fn may_have_offset(reg: &Reg) -> bool {
    (reg.is_scalar() || reg.kind.is_memory()) && !reg.nullable
}

impl<E: Explore> Machine<'_, E> {
    /// Whether the arguments of a call are what the function's BTF says; if they aren't, the BTF isn't asked any more.
    pub(crate) fn check_arguments(&mut self, function: usize) -> Checked {
        let Some(info) = self.subject.functions.get(function) else {
            return Ok(());
        };
        if self.found.is_unreliable(function) {
            return Ok(());
        }
        let params = &info.prototype.params;
        let mut expected = [Expected::Number; 5];
        if params.len() > expected.len() || !info.returns_number() {
            self.found.distrust(function);
            return Ok(());
        }
        for (index, (param, expected)) in params.iter().zip(&mut expected).enumerate() {
            // The tag is looked at before the type, and nothing else after it.
            if info.is_tagged(index) {
                self.found.distrust(function);
                self.note(Message::ArgumentTag { arg: index.into() });
                return Ok(());
            }
            match Expected::of(&param.ty, self.subject.prog_type) {
                Some(found) => *expected = found,
                None => {
                    self.found.distrust(function);
                    return Ok(());
                }
            }
        }
        for (index, expected) in expected[..params.len()].iter().enumerate() {
            if !self.is_expected(index, *expected) {
                self.found.distrust(function);
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether an argument is what the function's BTF says; says so if it isn't.
    fn is_expected(&mut self, index: usize, expected: Expected) -> bool {
        let number = index as u8 + 1;
        match expected {
            Expected::Number if self.reg(number).is_scalar() => true,
            Expected::Number => {
                self.note(Message::ArgumentNotNumber { reg: number });
                false
            }
            // Most pointers may have an offset; the check that others have none speaks first.
            Expected::Context if !may_have_offset(self.reg(number)) => {
                if let Err(stop) = self.check_no_offset(number) {
                    self.say(&stop);
                    return false;
                }
                let fits = self.reg(number).kind == RegType::Ctx;
                if !fits {
                    self.note(Message::ArgumentNotContext { arg: index.into() });
                }
                fits
            }
            Expected::Context => {
                self.note(Message::ArgumentNotContext { arg: index.into() });
                false
            }
        }
    }
}
