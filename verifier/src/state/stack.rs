//! The stack, eight bytes at a time.

use super::{Mark, Reg};

/// What one byte of the stack holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Byte {
    /// Never written.
    Invalid,
    /// Part of a spilled register.
    Spill,
    /// Written, unknown.
    Misc,
    /// Zero.
    Zero,
}

impl Byte {
    /// The letter that state lines have for it.
    pub(crate) const fn letter(self) -> char {
        match self {
            Self::Invalid => '?',
            Self::Spill => 'r',
            Self::Misc => 'm',
            Self::Zero => '0',
        }
    }
}

/// Eight bytes of stack. `bytes[7]` is the one at the lowest address, as state lines print them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StackSlot {
    pub(crate) bytes: [Byte; 8],
    /// The spilled register, if any byte is [`Byte::Spill`].
    pub(crate) spilled: Reg,
    /// Whether it's read later.
    pub(crate) mark: Mark,
}

impl StackSlot {
    /// Never written.
    pub(crate) const INVALID: Self = Self {
        bytes: [Byte::Invalid; 8],
        spilled: Reg::NOT_INIT,
        mark: Mark { origin: None, read: super::Extent::Nothing, written: false, done: false },
    };

    /// Whether a register is spilled here, whole or in part.
    pub(crate) fn is_spill(&self) -> bool {
        self.bytes[7] == Byte::Spill
    }

    /// Whether a number is spilled here, whole or in part.
    pub(crate) fn is_scalar_spill(&self) -> bool {
        self.is_spill() && self.spilled.is_scalar()
    }

    /// Whether a register is spilled here with all its eight bytes.
    pub(crate) fn is_full_spill(&self) -> bool {
        self.bytes[0] == Byte::Spill
    }

    /// Whether a number is spilled here with all its eight bytes.
    pub(crate) fn is_full_scalar_spill(&self) -> bool {
        self.is_full_spill() && self.spilled.is_scalar()
    }

    /// Whether anything was written.
    pub(crate) fn is_used(&self) -> bool {
        self.bytes.iter().any(|&byte| byte != Byte::Invalid)
    }
}

/// The offset from the frame pointer of the lowest byte of a slot.
pub(crate) const fn slot_offset(slot: usize) -> i32 {
    -((slot as i32 + 1) * 8)
}
