//! Putting a value of the kernel's into an instruction.

use knockwright_asm::opcode::{self, LD_IMM64, class, size};
use knockwright_asm::{Endian, Slot};

use crate::btf::core::Resolution;

/// Why a value can't be put into an instruction: the object contradicts itself, and loaders refuse it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatchError {
    /// The instruction isn't what the compiler has written for its types.
    #[error("the instruction holds {found}, and by the object's types it was compiled with {expected}")]
    OtherValue {
        /// What it holds.
        found: i64,
        /// What it should.
        expected: u64,
    },
    /// An offset has 16 bits.
    #[error("{0} is too far for a load or a store, which reaches 32767")]
    TooFar(u64),
    /// A load or store takes another number of bytes than the member that it's for.
    #[error("the instruction takes {found} bytes of a member of {expected}")]
    OtherSize {
        /// How many bytes it takes.
        found: u32,
        /// The size of the member in the object.
        expected: u32,
    },
    /// No load or store takes so many bytes.
    #[error("the member has {0} bytes, and a load or a store takes 1, 2, 4 or 8")]
    NoSuchSize(u32),
    /// The instruction has no value to put another in its place.
    #[error("the instruction with opcode {0:#04x} holds no value that could be another on another kernel")]
    NoValue(u8),
    /// The instruction lies outside its function, or its second slot does.
    #[error("its function ends before the instruction does")]
    CutOff,
}

/// What became of an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It holds the kernel's value.
    Patched,
    /// It can't be right on this kernel.
    Poisoned,
    /// It reads or writes a member whose size differs, and would read or write something else.
    OtherSize,
}

/// The number of the helper that poisoned instructions call, which no kernel has: libbpf's, in hexadecimal "bad relo".
pub const POISON: i32 = 0x0bad_2310;

/// The opcode bits of sizes, with the bytes that they are.
const SIZES: [(u8, u32); 4] = [(size::W, 4), (size::H, 2), (size::B, 1), (size::DW, 8)];

/// Puts what belongs there into the instruction at the start of `code`, which goes on to the end of its function.
pub(super) fn patch(code: &mut [u8], endian: Endian, to: &Resolution) -> Result<Outcome, PatchError> {
    let mut code = Code { bytes: code, endian };
    let mut slot = code.slot(0)?;
    let Some(value) = to.value else {
        return code.poison().map(|()| Outcome::Poisoned);
    };
    match opcode::class(slot.opcode) {
        class::ALU | class::ALU64 if !opcode::has_source_register(slot.opcode) => {
            expect(to, slot.imm.into())?;
            code.set(0, Slot { imm: value as i32, ..slot })?;
        }
        class::LDX | class::ST | class::STX => {
            expect(to, slot.off.into())?;
            slot.off = i16::try_from(value).map_err(|_| PatchError::TooFar(value))?;
            if let Some(change) = to.size {
                if !change.is_safe {
                    return code.poison().map(|()| Outcome::OtherSize);
                }
                slot.opcode = resized(slot.opcode, change.compiled, change.kernel)?;
            }
            code.set(0, slot)?;
        }
        class::LD if slot.opcode == LD_IMM64 => {
            let second = code.slot(1)?;
            let is_plain = slot.src == 0 && slot.off == 0 && Slot { imm: 0, ..second } == Slot::default();
            if !is_plain {
                return Err(PatchError::NoValue(slot.opcode));
            }
            expect(to, (u64::from(second.imm as u32) << 32 | u64::from(slot.imm as u32)) as i64)?;
            code.set(0, Slot { imm: value as i32, ..slot })?;
            code.set(1, Slot { imm: (value >> 32) as i32, ..second })?;
        }
        _ => return Err(PatchError::NoValue(slot.opcode)),
    }
    Ok(Outcome::Patched)
}

/// Checks that an instruction holds what the compiler put there.
fn expect(to: &Resolution, found: i64) -> Result<(), PatchError> {
    match to.compiled {
        Some(expected) if expected != found as u64 => Err(PatchError::OtherValue { found, expected }),
        _ => Ok(()),
    }
}

/// The opcode of a load or store that takes another number of bytes.
fn resized(opcode: u8, from: u32, to: u32) -> Result<u8, PatchError> {
    let old = opcode::size(opcode);
    let found = SIZES.iter().find(|(bits, _)| *bits == old).map_or(0, |(_, bytes)| *bytes);
    if found != from {
        return Err(PatchError::OtherSize { found, expected: from });
    }
    let (new, _) = SIZES.iter().find(|(_, bytes)| *bytes == to).ok_or(PatchError::NoSuchSize(to))?;
    Ok(opcode ^ old | new)
}

/// The slots from an instruction to the end of its function.
struct Code<'a> {
    bytes: &'a mut [u8],
    endian: Endian,
}

impl Code<'_> {
    fn slot(&self, index: usize) -> Result<Slot, PatchError> {
        let bytes = self.bytes.get(index * Slot::LEN..).and_then(<[u8]>::first_chunk);
        Ok(Slot::from_bytes(*bytes.ok_or(PatchError::CutOff)?, self.endian))
    }

    fn set(&mut self, index: usize, slot: Slot) -> Result<(), PatchError> {
        let bytes = self.bytes.get_mut(index * Slot::LEN..).and_then(<[u8]>::first_chunk_mut);
        *bytes.ok_or(PatchError::CutOff)? = slot.to_bytes(self.endian);
        Ok(())
    }

    /// Makes the first instruction a call of a helper that no kernel has; one of two slots becomes two.
    fn poison(&mut self) -> Result<(), PatchError> {
        let slots = if self.slot(0)?.opcode == LD_IMM64 { 2 } else { 1 };
        (0..slots).try_for_each(|index| {
            self.set(index, Slot { opcode: opcode::CALL, imm: POISON, ..Slot::default() })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::btf::core::SizeChange;

    const fn to(compiled: u64, value: u64) -> Resolution {
        Resolution { compiled: Some(compiled), value: Some(value), size: None }
    }

    fn sized(compiled: u32, kernel: u32, is_safe: bool) -> Resolution {
        Resolution { size: Some(SizeChange { compiled, kernel, is_safe }), ..to(4, 8) }
    }

    /// What becomes of slots, in both byte orders.
    fn patched(slots: &[Slot], to: &Resolution) -> Result<(Outcome, Vec<Slot>), PatchError> {
        let in_order = |endian| {
            let mut code: Vec<u8> = slots.iter().flat_map(|slot| slot.to_bytes(endian)).collect();
            let outcome = patch(&mut code, endian, to)?;
            let slots = code.chunks_exact(Slot::LEN);
            Ok((outcome, slots.map(|slot| Slot::from_bytes(slot.try_into().unwrap(), endian)).collect()))
        };
        let (little, big) = (in_order(Endian::Little), in_order(Endian::Big));
        assert_eq!(little, big);
        little
    }

    const MOV: Slot = Slot { opcode: opcode::MOV64_K, dst: 3, src: 0, off: 0, imm: 4 };
    const LOAD: Slot = Slot { opcode: opcode::LDX_MEM | size::W, dst: 3, src: 2, off: 4, imm: 0 };
    const WIDE: Slot = Slot { opcode: LD_IMM64, dst: 3, src: 0, off: 0, imm: 4 };
    const SECOND: Slot = Slot { opcode: 0, dst: 0, src: 0, off: 0, imm: 0 };
    const POISONED: Slot = Slot { opcode: opcode::CALL, dst: 0, src: 0, off: 0, imm: POISON };

    #[test]
    fn each_kind_of_instruction_takes_its_value() {
        let patched = |slots: &[Slot], to: &Resolution| patched(slots, to).unwrap();
        let done = |slots: Vec<Slot>| (Outcome::Patched, slots);
        assert_eq!(patched(&[MOV], &to(4, 1 << 33 | 7)), done(vec![Slot { imm: 7, ..MOV }]));
        assert_eq!(patched(&[LOAD], &to(4, 32_767)), done(vec![Slot { off: 32_767, ..LOAD }]));
        let wide = [Slot { imm: -1, ..WIDE }, Slot { imm: 5, ..SECOND }];
        assert_eq!(patched(&[WIDE, SECOND], &to(4, 0x5_ffff_ffff)), done(wide.to_vec()));
        let wider = Slot { opcode: opcode::LDX_MEM | size::DW, off: 8, ..LOAD };
        assert_eq!(patched(&[LOAD], &sized(4, 8, true)), done(vec![wider]));
        // What may be another than the types say isn't compared.
        let free = Resolution { compiled: None, ..to(0, 9) };
        assert_eq!(patched(&[MOV], &free), done(vec![Slot { imm: 9, ..MOV }]));
        let minus = Slot { imm: -1, ..MOV };
        assert_eq!(patched(&[minus], &to(u64::MAX, 1)), done(vec![Slot { imm: 1, ..MOV }]));
    }

    #[test]
    fn what_cannot_be_right_is_poisoned() {
        let nothing = Resolution { value: None, ..to(4, 0) };
        assert_eq!(patched(&[MOV], &nothing).unwrap(), (Outcome::Poisoned, vec![POISONED]));
        assert_eq!(patched(&[WIDE, SECOND], &nothing).unwrap(), (Outcome::Poisoned, vec![POISONED; 2]));
        assert_eq!(patched(&[LOAD], &sized(4, 8, false)).unwrap(), (Outcome::OtherSize, vec![POISONED]));
        // Arithmetic with the place of a member reads nothing.
        assert_eq!(patched(&[MOV], &sized(4, 8, false)).unwrap().0, Outcome::Patched);
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let refused = |slots: &[Slot], to: &Resolution| patched(slots, to).unwrap_err();
        assert_eq!(refused(&[MOV], &to(5, 6)), PatchError::OtherValue { found: 4, expected: 5 });
        assert_eq!(refused(&[LOAD], &to(5, 6)), PatchError::OtherValue { found: 4, expected: 5 });
        assert_eq!(refused(&[WIDE, SECOND], &to(5, 6)), PatchError::OtherValue { found: 4, expected: 5 });
        assert_eq!(refused(&[LOAD], &to(4, 32_768)), PatchError::TooFar(32_768));
        let too_wide = sized(8, 4, true);
        assert_eq!(refused(&[LOAD], &too_wide), PatchError::OtherSize { found: 4, expected: 8 });
        assert_eq!(refused(&[LOAD], &sized(4, 3, true)), PatchError::NoSuchSize(3));
        let of_registers = Slot { opcode: opcode::MOV64_X, ..MOV };
        for other in [of_registers, Slot { opcode: opcode::EXIT, ..MOV }, SECOND] {
            assert_eq!(refused(&[other], &to(4, 5)), PatchError::NoValue(other.opcode));
        }
        let of_a_map = Slot { src: 1, ..WIDE };
        assert_eq!(refused(&[of_a_map, SECOND], &to(4, 5)), PatchError::NoValue(LD_IMM64));
        assert_eq!(refused(&[WIDE], &to(4, 5)), PatchError::CutOff);
        assert_eq!(refused(&[WIDE], &Resolution { value: None, ..to(4, 0) }), PatchError::CutOff);
        assert_eq!(refused(&[], &to(4, 5)), PatchError::CutOff);
    }
}
