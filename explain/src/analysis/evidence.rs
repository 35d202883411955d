//! What classes are claimed by: the message, the instruction, and what the path shows, found out once and when it's asked for.

use std::cell::OnceCell;

use knockwright_asm::{Code, Insn, Program};
use knockwright_verifier::message::Kind;

use super::findings::{self, Held, Reserved, Unwritten, is_outside};
use super::{Fault, Outside, bounds};

/// What is known of a fault.
pub(crate) struct Evidence<'e> {
    pub(crate) fault: &'e Fault<'e>,
    /// The program, where it's at hand.
    pub(crate) program: Option<&'e Program>,
    outside: OnceCell<Option<Outside>>,
    unwritten: OnceCell<Option<Unwritten>>,
    held: OnceCell<Option<Held>>,
}

impl<'e> Evidence<'e> {
    pub(crate) fn new(fault: &'e Fault<'e>, program: Option<&'e Program>) -> Self {
        let (outside, unwritten, held) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self { fault, program, outside, unwritten, held }
    }

    /// Whether the message is one of these.
    pub(crate) fn is(&self, kinds: &[Kind]) -> bool {
        self.fault.kind().is_some_and(|kind| kinds.contains(&kind))
    }

    /// The text of a field of the message.
    pub(crate) fn text(&self, field: &str) -> Option<&'e str> {
        self.fault.message.as_ref().and_then(|(message, _)| message.fields.text(field))
    }

    /// The number in a field of the message.
    pub(crate) fn number(&self, field: &str) -> Option<i64> {
        self.fault.message.as_ref().and_then(|(message, _)| message.fields.number(field))
    }

    /// Whether the program is at hand, and has such an instruction.
    pub(crate) fn has(&self, wanted: fn(&Insn) -> bool) -> bool {
        self.program.is_some_and(|program| {
            program.items.iter().any(|item| matches!(&item.code, Code::Insn(insn) if wanted(insn)))
        })
    }

    /// Why the access leads out of its object, or the sum out of what a pointer may be, if the message says that it does.
    pub(crate) fn outside(&self) -> Option<Outside> {
        *self.outside.get_or_init(|| match self.fault.kind()? {
            Kind::ValueAccess | Kind::PacketAccess | Kind::MemoryAccess | Kind::KeyAccess => {
                Some(bounds::access(self.fault, Kind::MaxOutside))
            }
            kind if is_outside(kind) => Some(bounds::access(self.fault, kind)),
            Kind::UnboundedMath => Some(bounds::addition(self.fault, Outside::Unbounded)),
            Kind::ValueOutOfBounds | Kind::PointerOffset => {
                let negative = self.number("value").is_some_and(|value| value < 0);
                let plain = if negative { Outside::Negative } else { Outside::Unbounded };
                Some(bounds::addition(self.fault, plain))
            }
            _ => None,
        })
    }

    /// Why a register has no value, if the message says that it hasn't.
    pub(crate) fn unwritten(&self) -> Option<Unwritten> {
        *self.unwritten.get_or_init(|| {
            self.is(&[Kind::NotReadable]).then(|| findings::unwritten(self.fault, self.program))
        })
    }

    /// What the register holds that memory is accessed through, if the message says that it's no pointer to memory.
    pub(crate) fn held(&self) -> Option<Held> {
        *self.held.get_or_init(|| {
            let word = self.text("held").unwrap_or_default();
            self.is(&[Kind::MemAccess]).then(|| findings::held(self.fault, word, self.program))
        })
    }

    /// What a reserved field may be, if the message says that it isn't zero.
    pub(crate) fn reserved(&self) -> Option<Reserved> {
        let class = self.text("class").unwrap_or_default();
        self.is(&[Kind::ReservedFields]).then(|| findings::reserved(self, class))
    }
}
