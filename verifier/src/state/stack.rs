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

    /// How many bytes the spilled register fills, from the lowest address on.
    pub(crate) fn spilled_bytes(&self) -> u32 {
        self.bytes.iter().rev().take_while(|&&byte| byte == Byte::Spill).count() as u32
    }

    /// Puts a register's lower `size` bytes in at the lowest address. What was data above it stays data.
    pub(crate) fn spill(&mut self, value: Reg, size: u32) {
        let (above, filled) = self.bytes.split_at_mut(8 - size as usize);
        filled.fill(Byte::Spill);
        for byte in above.iter_mut().filter(|byte| **byte == Byte::Spill) {
            *byte = Byte::Misc;
        }
        self.spilled = value;
    }

    /// Makes data of the spilled register, whole: bytes that were never written stay so.
    pub(crate) fn scrub(&mut self) {
        for byte in self.bytes.iter_mut().filter(|byte| **byte != Byte::Invalid) {
            *byte = Byte::Misc;
        }
    }

    /// What a load from a place gives that begins at a byte of the slot.
    pub(crate) fn load(&self, byte: usize, size: u32) -> Load {
        let spilled = self.spilled_bytes();
        if spilled == 0 {
            Load::Bytes
        } else if size == 8 && spilled == 8 {
            Load::Register
        } else if !self.spilled.is_scalar() {
            Load::PartOfPointer
        } else if byte == 7 && size <= spilled {
            Load::LowerBytes
        } else {
            Load::Bytes
        }
    }

    /// The bytes of a load, those at lower addresses first.
    pub(crate) fn loaded_bytes(&self, byte: usize, size: u32) -> impl Iterator<Item = Byte> {
        (0..size as usize).map(move |index| self.bytes[(byte + 8 - index) % 8])
    }

    /// Writes bytes, the first at the lowest address.
    pub(crate) fn write_bytes(&mut self, byte: usize, size: u32, written: Byte) {
        for index in 0..size as usize {
            self.bytes[(byte + 8 - index) % 8] = written;
        }
    }

    /// Lets a helper read a byte, or write it too; says whether it may.
    pub(crate) fn lend(&mut self, byte: usize, lent: HelperUse) -> bool {
        let HelperUse { writes, perfmon } = lent;
        let is_data = match self.bytes[byte] {
            Byte::Misc | Byte::Zero => true,
            Byte::Invalid => perfmon,
            Byte::Spill => false,
        };
        if is_data {
            if writes {
                self.bytes[byte] = Byte::Misc;
            }
            return true;
        }
        // A spilled number stands for its whole slot, even for bytes that it doesn't fill.
        let may = self.is_spill() && (self.spilled.is_scalar() || perfmon);
        if may && writes {
            self.spilled = Reg::UNKNOWN;
            self.scrub();
        }
        may
    }

    /// Some value may be written to a byte, zero or any: says whether a zero that was there stays one for that reason.
    pub(crate) fn write_perhaps(&mut self, byte: usize, written: MaybeWritten) -> bool {
        let MaybeWritten { zero, scrubs } = written;
        let was = self.bytes[byte];
        if zero && was == Byte::Spill && self.spilled.is_zero() {
            return true;
        }
        // Any other spill is destroyed. On some kernels only the bytes written so far say so.
        if scrubs && self.is_spill() {
            self.scrub();
        }
        self.spilled = Reg::NOT_INIT;
        let stays = zero && was == Byte::Zero;
        self.bytes[byte] = if stays { Byte::Zero } else { Byte::Misc };
        stays
    }
}

/// How a helper is given stack memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HelperUse {
    /// It writes there; else it reads alone.
    pub(crate) writes: bool,
    /// Whoever loads the program may let it read what it hasn't written.
    pub(crate) perfmon: bool,
}

/// What a store that may be to a slot does there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MaybeWritten {
    /// It stores zero.
    pub(crate) zero: bool,
    /// Nothing of a spill that it destroys is left.
    pub(crate) scrubs: bool,
}

/// What a load gives, by what stands in the slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Load {
    Register,
    /// The spilled number, or its lower bytes.
    LowerBytes,
    /// Bytes, each for itself.
    Bytes,
    /// A part of a spilled pointer, which no load may see.
    PartOfPointer,
}

/// The offset from the frame pointer of the lowest byte of a slot.
pub(crate) const fn slot_offset(slot: usize) -> i32 {
    -((slot as i32 + 1) * 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [Byte; 4] = [Byte::Invalid, Byte::Spill, Byte::Misc, Byte::Zero];

    /// Slots with a spill of each size at the lowest address and other bytes of each kind above, and slots of data.
    fn slots(spilled: Reg) -> impl Iterator<Item = StackSlot> {
        (0..=8_usize).flat_map(move |filled| {
            (0..81_usize).map(move |number| {
                let data = [KINDS[0], KINDS[2], KINDS[3]];
                let mut slot = StackSlot { spilled, ..StackSlot::INVALID };
                for (at, byte) in slot.bytes.iter_mut().enumerate() {
                    *byte = if at >= 8 - filled {
                        Byte::Spill
                    } else {
                        data[number / 3_usize.pow(at as u32 % 4) % 3]
                    };
                }
                slot
            })
        })
    }

    #[test]
    fn a_spill_fills_the_lowest_addresses() {
        for old in slots(Reg::UNKNOWN) {
            for size in [1, 2, 4, 8] {
                let mut slot = old;
                slot.spill(Reg::known(7), size);
                assert_eq!((slot.spilled_bytes(), slot.spilled), (size, Reg::known(7)));
                for (new, old) in slot.bytes.iter().zip(old.bytes).take(8 - size as usize) {
                    assert_eq!(*new, if old == Byte::Spill { Byte::Misc } else { old });
                }
            }
        }
    }

    #[test]
    fn a_load_sees_the_register_its_lower_bytes_or_bytes() {
        for (spilled, is_number) in [(Reg::known(7), true), (Reg::frame_pointer(0), false)] {
            for slot in slots(spilled) {
                let filled = slot.spilled_bytes();
                for size in [1, 2, 4, 8_u32] {
                    // Loads are aligned: they begin at multiples of their size, counted from the lowest address.
                    for from in (0..8).step_by(size as usize) {
                        let expected = match () {
                            () if filled == 0 => Load::Bytes,
                            () if filled == 8 && size == 8 => Load::Register,
                            () if !is_number => Load::PartOfPointer,
                            () if from == 0 && size <= filled => Load::LowerBytes,
                            () => Load::Bytes,
                        };
                        assert_eq!(slot.load(7 - from, size), expected, "{slot:?} {from} {size}");
                        let bytes: Vec<Byte> = slot.loaded_bytes(7 - from, size).collect();
                        let stored: Vec<Byte> =
                            slot.bytes.iter().rev().skip(from).take(size as usize).copied().collect();
                        assert_eq!(bytes, stored);
                    }
                }
            }
        }
    }

    #[test]
    fn a_helper_gets_data_and_numbers() {
        for perfmon in [false, true] {
            for (spilled, is_number) in [(Reg::known(7), true), (Reg::frame_pointer(0), false)] {
                for slot in slots(spilled) {
                    for byte in 0..8 {
                        let (mut read, mut written) = (slot, slot);
                        let may = read.lend(byte, HelperUse { writes: false, perfmon });
                        assert_eq!(
                            (written.lend(byte, HelperUse { writes: true, perfmon }), read),
                            (may, slot)
                        );
                        let in_number = slot.is_spill() && (is_number || perfmon);
                        let expected = match slot.bytes[byte] {
                            Byte::Misc | Byte::Zero => true,
                            Byte::Invalid => perfmon || in_number,
                            Byte::Spill => in_number,
                        };
                        assert_eq!(may, expected, "{slot:?} {byte}");
                        // What was written is data, and nothing of a spilled register that was touched is left.
                        let scrubbed = slot.bytes[byte] == Byte::Spill
                            || (slot.bytes[byte] == Byte::Invalid && !perfmon);
                        assert!(!may || scrubbed || written.bytes[byte] == Byte::Misc);
                        assert!(!may || !scrubbed || !written.bytes.contains(&Byte::Spill));
                    }
                }
            }
        }
    }

    #[test]
    fn a_write_somewhere_leaves_zero_only_where_it_is_zero_either_way() {
        for (spilled, is_zero) in [(Reg::known(0), true), (Reg::known(7), false)] {
            for slot in slots(spilled) {
                let both = [false, true];
                let stores = both.iter().flat_map(|&zero| both.map(|scrubs| MaybeWritten { zero, scrubs }));
                for (byte, store) in (0..8).flat_map(|byte| stores.clone().map(move |store| (byte, store))) {
                    let MaybeWritten { zero, scrubs } = store;
                    let mut written = slot;
                    let stays = written.write_perhaps(byte, store);
                    let was = slot.bytes[byte];
                    assert_eq!(stays, zero && (was == Byte::Zero || (was == Byte::Spill && is_zero)));
                    if stays && was == Byte::Spill {
                        assert_eq!(written, slot);
                        continue;
                    }
                    assert_eq!(written.bytes[byte], if stays { Byte::Zero } else { Byte::Misc });
                    assert!(!scrubs || !written.bytes.contains(&Byte::Spill));
                }
            }
        }
    }
}
