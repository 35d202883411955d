//! The numbers of the format.
//!
//! Source: `include/uapi/linux/btf.h`; the names are its own without `BTF_`.

/// `BTF_MAGIC`, as a number in the object's byte order.
pub(crate) const MAGIC: u16 = 0xeb9f;
/// The only version.
pub(crate) const VERSION: u8 = 1;
/// The length of `struct btf_header` in bytes.
pub(crate) const HEADER_LEN: u32 = 24;
/// The length of the header of `.BTF.ext`: the same with the place of CO-RE relocations.
pub(crate) const EXT_HEADER_LEN: u32 = 32;

/// The parts of `info` in `struct btf_type`: a flag, the number of the kind and the number of parts.
pub(crate) mod info {
    pub(crate) const FLAG_SHIFT: u32 = 31;
    pub(crate) const KIND_SHIFT: u32 = 24;
    pub(crate) const KIND_MASK: u32 = 0x1f;
    pub(crate) const LEN_MASK: u32 = 0xffff;
}

/// The kinds of types.
pub(crate) mod kind {
    pub(crate) const INT: u32 = 1;
    pub(crate) const PTR: u32 = 2;
    pub(crate) const ARRAY: u32 = 3;
    pub(crate) const STRUCT: u32 = 4;
    pub(crate) const UNION: u32 = 5;
    pub(crate) const ENUM: u32 = 6;
    pub(crate) const FWD: u32 = 7;
    pub(crate) const TYPEDEF: u32 = 8;
    pub(crate) const VOLATILE: u32 = 9;
    pub(crate) const CONST: u32 = 10;
    pub(crate) const RESTRICT: u32 = 11;
    pub(crate) const FUNC: u32 = 12;
    pub(crate) const FUNC_PROTO: u32 = 13;
    pub(crate) const VAR: u32 = 14;
    pub(crate) const DATASEC: u32 = 15;
    pub(crate) const FLOAT: u32 = 16;
    pub(crate) const DECL_TAG: u32 = 17;
    pub(crate) const TYPE_TAG: u32 = 18;
    pub(crate) const ENUM64: u32 = 19;
}

/// The number that follows an integer: encoding, offset in bits and width in bits.
pub(crate) mod int {
    pub(crate) const SIGNED: u32 = 1 << 0;
    pub(crate) const CHAR: u32 = 1 << 1;
    pub(crate) const BOOL: u32 = 1 << 2;
    pub(crate) const ENCODING_SHIFT: u32 = 24;
    pub(crate) const OFFSET_SHIFT: u32 = 16;
}

/// The place of a member in a struct with bit fields: width and offset in bits.
pub(crate) mod member {
    pub(crate) const WIDTH_SHIFT: u32 = 24;
    pub(crate) const OFFSET_MASK: u32 = 0x00ff_ffff;
}

/// The component of a tag that belongs to the declaration itself.
pub(crate) const WHOLE_DECLARATION: u32 = u32::MAX;

/// `line_col` of a line record has 22 bits for the line and 10 for the column.
pub(crate) const COLUMN_BITS: u32 = 10;
pub(crate) const MAX_LINE: u32 = (1 << 22) - 1;
pub(crate) const MAX_COLUMN: u32 = (1 << COLUMN_BITS) - 1;

/// How many typedefs, qualifiers, tags or arrays are followed one after the other; damaged BTF may run in circles.
pub(crate) const MAX_CHAIN: u32 = 32;
