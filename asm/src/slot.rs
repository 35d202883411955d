//! The 8-byte unit of BPF machine code, as bytes and as hexadecimal text.

use knockwright_btf::Endian;

use crate::program::Code;

/// One 8-byte slot, taken apart into its fields and not checked in any way.
///
/// ```text
///    0      1          2..4      4..8
///  opcode  src:dst     offset    immediate        little endian: src is the upper nibble of byte 1
///  opcode  dst:src     offset    immediate        big endian
/// ```
///
/// Source: RFC 9669, section 4 "Instruction encoding".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Slot {
    /// The operation.
    pub opcode: u8,
    /// The destination register's nibble, 0–15.
    pub dst: u8,
    /// The source register's nibble, 0–15.
    pub src: u8,
    /// The 16-bit offset.
    pub off: i16,
    /// The 32-bit immediate.
    pub imm: i32,
}

impl Slot {
    /// The length of a slot in bytes.
    pub const LEN: usize = 8;

    /// Takes the bytes of a slot apart.
    pub fn from_bytes(bytes: [u8; Self::LEN], endian: Endian) -> Self {
        let [opcode, regs, o0, o1, i0, i1, i2, i3] = bytes;
        let (low, high) = (regs & 0x0f, regs >> 4);
        match endian {
            Endian::Little => Self {
                opcode,
                dst: low,
                src: high,
                off: i16::from_le_bytes([o0, o1]),
                imm: i32::from_le_bytes([i0, i1, i2, i3]),
            },
            Endian::Big => Self {
                opcode,
                dst: high,
                src: low,
                off: i16::from_be_bytes([o0, o1]),
                imm: i32::from_be_bytes([i0, i1, i2, i3]),
            },
        }
    }

    /// Puts the fields together. Only the lower nibbles of `dst` and `src` count.
    pub fn to_bytes(self, endian: Endian) -> [u8; Self::LEN] {
        let (dst, src) = (self.dst & 0x0f, self.src & 0x0f);
        let (regs, [o0, o1], [i0, i1, i2, i3]) = match endian {
            Endian::Little => (src << 4 | dst, self.off.to_le_bytes(), self.imm.to_le_bytes()),
            Endian::Big => (dst << 4 | src, self.off.to_be_bytes(), self.imm.to_be_bytes()),
        };
        [self.opcode, regs, o0, o1, i0, i1, i2, i3]
    }
}

/// Machine code that can't be cut into slots.
#[derive(Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CodeError {
    /// The number of bytes isn't a multiple of eight.
    #[error("{bytes} bytes of code are not a whole number of 8-byte slots: {} are left over", bytes % Slot::LEN)]
    PartialSlot {
        /// The number of bytes given.
        bytes: usize,
    },
    /// The text isn't hexadecimal.
    #[error("the code is not hexadecimal: {0}")]
    Hex(#[from] hex::FromHexError),
}

crate::sentence::debug_as_display!(CodeError);

/// Decodes machine code. Slots that are no instruction are kept raw, so encoding the result gives back the same bytes.
///
/// # Errors
/// [`CodeError::PartialSlot`] if the length isn't a multiple of eight.
///
/// ```
/// use knockwright_asm::{decode, opcode, Code, Endian, Insn};
///
/// let code = decode(&[opcode::EXIT, 0, 0, 0, 0, 0, 0, 0], Endian::Little).unwrap();
/// assert_eq!(code, [Code::Insn(Insn::Exit)]);
/// ```
pub fn decode(bytes: &[u8], endian: Endian) -> Result<Vec<Code>, CodeError> {
    let chunks = bytes.chunks_exact(Slot::LEN);
    if !chunks.remainder().is_empty() {
        return Err(CodeError::PartialSlot { bytes: bytes.len() });
    }
    let slots: Vec<Slot> =
        chunks.filter_map(|chunk| Some(Slot::from_bytes(*chunk.first_chunk()?, endian))).collect();
    let mut code = Vec::with_capacity(slots.len());
    let mut rest = slots.as_slice();
    while let Some((&first, after)) = rest.split_first() {
        let item = Code::decode(first, after.first().copied());
        rest = &rest[item.slots()..];
        code.push(item);
    }
    Ok(code)
}

/// Decodes machine code written as hexadecimal text, 16 digits a slot. White space between digits is ignored.
///
/// # Errors
/// [`CodeError::Hex`] for anything but hexadecimal digits or an odd number of them, [`CodeError::PartialSlot`] if they
/// don't make whole slots.
pub fn decode_hex(text: &str, endian: Endian) -> Result<Vec<Code>, CodeError> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    decode(&hex::decode(digits)?, endian)
}

/// Encodes instructions and raw slots, one after the other.
pub fn encode(code: &[Code], endian: Endian) -> Vec<u8> {
    encode_all(code, endian)
}

/// As [`encode`], for code that stands among other things.
pub(crate) fn encode_all<'a>(code: impl IntoIterator<Item = &'a Code>, endian: Endian) -> Vec<u8> {
    let code = code.into_iter();
    let mut bytes = Vec::with_capacity(code.size_hint().0 * Slot::LEN);
    for item in code {
        let (slots, count) = item.encode();
        for slot in &slots[..count] {
            bytes.extend_from_slice(&slot.to_bytes(endian));
        }
    }
    bytes
}
