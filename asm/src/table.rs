//! The table of instructions: the one place that knows how each is encoded, written and documented.
//!
//! A row reads
//!
//! ```text
//! constructor(operands) {registers read -> registers written} = (the value of Insn)
//!     [opcode dst src off imm; next] "kernel syntax", ISA level, (kernel since), "documentation";
//! ```
//!
//! In the brackets stands, for each field of the slot, the operand that it holds or the number that it must be; `next` is
//! the immediate of the second slot of `ld_imm64`, `hi` the upper half of a 64-bit operand. Registers are named by operand,
//! or as `r0`, `r6`, `arguments` (r1 to r5) and `caller_saved` (r0 to r5). In the kernel syntax, the
//! braces name a field and its notation (see [`Piece`](crate::isa::Piece)). The value of `Insn` serves rustc as a pattern
//! (encoding) and as an expression (decoding), so that the compiler checks that every `Insn` has exactly one row.

#![allow(unused_parens)] // the parentheses make each value of `Insn` one token tree

use crate::insn::Source::Imm;
use crate::insn::{
    AbsSize, AluOp, AtomicOp, AtomicSize, Cast, Cond, Endianness, Imm64, Insn, SignExtend, Source, SwapBits,
    SxSize,
};
use crate::isa::{Fixed, IsaLevel, KernelVersion, Row};
use crate::reg::Width::{W32, W64};
use crate::reg::{Reg, RegSet, Size};
use crate::slot::Slot;
use knockwright_linux::HelperId;

/// What may stand in a register field: an operand, or the number that the row fixes.
trait RegField {
    fn put(self) -> u8;
}

impl RegField for Reg {
    fn put(self) -> u8 {
        self.number()
    }
}

impl RegField for u8 {
    fn put(self) -> u8 {
        self
    }
}

/// What may stand in an immediate: an operand of its own type, or the number that the row fixes.
trait ImmField {
    fn put(self) -> i32;
    fn get(imm: i32, next: i32) -> Self;
}

impl ImmField for i32 {
    fn put(self) -> i32 {
        self
    }

    fn get(imm: i32, _: i32) -> Self {
        imm
    }
}

impl ImmField for HelperId {
    fn put(self) -> i32 {
        self.number()
    }

    fn get(imm: i32, _: i32) -> Self {
        Self::new(imm)
    }
}

/// The lower half stands in the first slot; `hi` puts the upper half into the second.
impl ImmField for u64 {
    fn put(self) -> i32 {
        self as u32 as i32
    }

    fn get(imm: i32, next: i32) -> Self {
        u64::from(next as u32) << 32 | u64::from(imm as u32)
    }
}

/// The upper half of a 64-bit operand.
fn upper(value: u64) -> i32 {
    (value >> 32) as i32
}

/// The second slot's immediate when encoding.
macro_rules! put_next {
    ($imm:tt, hi) => {
        upper($imm)
    };
    ($imm:tt, $next:tt) => {
        $next
    };
}

/// Whether a field may have this value.
macro_rules! fits {
    ($fixed:literal, $field:expr) => {
        $field == $fixed
    };
    ($operand:ident, $field:expr) => {
        true
    };
}

/// Binds an operand to its field's value.
macro_rules! bind {
    ($fixed:literal, $value:expr) => {};
    (hi, $value:expr) => {};
    ($operand:ident, $value:expr) => {
        let $operand = $value;
    };
}

/// The number that a row fixes for a field, if it does.
macro_rules! fixed {
    ($fixed:literal) => {
        Some($fixed)
    };
    ($operand:ident) => {
        None
    };
}

/// The registers that a word between the braces of a row names.
macro_rules! role {
    (r0) => {
        RegSet::one(Reg::R0)
    };
    (r6) => {
        RegSet::one(Reg::R6)
    };
    (arguments) => {
        RegSet::ARGUMENTS
    };
    (caller_saved) => {
        RegSet::CALLER_SAVED
    };
    ($operand:ident) => {
        RegSet::one($operand)
    };
}

/// Whether a row has a second slot.
macro_rules! wide {
    () => {
        false
    };
    ($next:tt) => {
        true
    };
}

macro_rules! isa {
    ($($name:ident($($arg:ident: $ty:ty),*) {$($read:ident)* -> $($write:ident)*} = $shape:tt
        [$opcode:literal $dst:tt $src:tt $off:tt $imm:tt $(; $next:tt)?]
        $syntax:literal, $level:ident, ($major:literal, $minor:literal), $doc:literal;)*
    ) => {
        /// The rows by name, to find a row of [`TABLE`] by position.
        #[allow(non_camel_case_types)]
        #[derive(Clone, Copy)]
        enum RowName {
            $($name,)*
        }

        /// Every instruction.
        pub static TABLE: &[Row] = &[$(Row {
            name: stringify!($name),
            operands: &[$(stringify!($arg)),*],
            reads: &[$(stringify!($read)),*],
            writes: &[$(stringify!($write)),*],
            opcode: $opcode,
            fixed: Fixed {
                dst: fixed!($dst),
                src: fixed!($src),
                off: fixed!($off),
                imm: fixed!($imm),
                next: isa!(@next $($next)?),
            },
            fields: [stringify!($dst), stringify!($src), stringify!($off), stringify!($imm), concat!($(stringify!($next))?)],
            wide: wide!($($next)?),
            syntax: $syntax,
            level: IsaLevel::$level,
            since: KernelVersion::new($major, $minor),
            doc: $doc,
        },)*];

        /// # Constructors, one a row of the table
        impl Insn {
            $(
                #[doc = $doc]
                #[doc = ""]
                #[doc = concat!("`", $syntax, "`, since Linux ", $major, ".", $minor, ".")]
                pub const fn $name($($arg: $ty),*) -> Self {
                    $shape
                }
            )*
        }

        /// The first slot, the second slot's immediate and the row of an instruction.
        pub(crate) fn encode(insn: &Insn) -> (Slot, Option<i32>, &'static Row) {
            let (slot, next, row) = match *insn {
                $($shape => {
                    let slot = Slot {
                        opcode: $opcode,
                        dst: RegField::put($dst),
                        src: RegField::put($src),
                        off: $off,
                        imm: ImmField::put($imm),
                    };
                    #[allow(unused_mut, unused_assignments)]
                    let mut next = None;
                    $(next = Some(put_next!($imm, $next));)?
                    (slot, next, RowName::$name)
                })*
            };
            (slot, next, &TABLE[row as usize])
        }

        /// The registers that an instruction reads.
        #[allow(unused_variables)]
        pub(crate) fn reads(insn: &Insn) -> RegSet {
            match *insn {
                $($shape => RegSet::EMPTY$(.union(role!($read)))*,)*
            }
        }

        /// The registers that an instruction writes or leaves without a value.
        #[allow(unused_variables)]
        pub(crate) fn writes(insn: &Insn) -> RegSet {
            match *insn {
                $($shape => RegSet::EMPTY$(.union(role!($write)))*,)*
            }
        }

        /// The instruction of a slot; `next` is the second slot's immediate if that slot can be the second of an `ld_imm64`.
        #[allow(unused_variables)]
        pub(crate) fn decode(slot: Slot, next: Option<i32>) -> Option<Insn> {
            let dst_reg = Reg::from_number(slot.dst)?;
            let src_reg = Reg::from_number(slot.src)?;
            match slot.opcode {
                $($opcode
                    if fits!($dst, slot.dst)
                        && fits!($src, slot.src)
                        && fits!($off, slot.off)
                        && fits!($imm, slot.imm)
                        $(&& next.is_some_and(|next| fits!($next, next)))? =>
                {
                    let next = next.unwrap_or(0);
                    bind!($dst, dst_reg);
                    bind!($src, src_reg);
                    bind!($off, slot.off);
                    bind!($imm, ImmField::get(slot.imm, next));
                    $(bind!($next, next);)?
                    Some($shape)
                })*
                _ => None,
            }
        }
    };
    (@next) => { None };
    (@next hi) => { None };
    (@next $next:tt) => { fixed!($next) };
}

isa! {

    // Arithmetic, 64 bits: class ALU64, RFC 9669 section 5.1.
    add64_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W64, op: AluOp::Add, dst, src: Imm(imm) })
        [0x07 dst 0 0 imm] "{rdst} += {imm}", V1, (3, 18), "Adds, with a constant, 64 bits.";
    add64_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W64, op: AluOp::Add, dst, src: Source::Reg(src) })
        [0x0f dst src 0 0] "{rdst} += {rsrc}", V1, (3, 18), "Adds, with a register, 64 bits.";
    sub64_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W64, op: AluOp::Sub, dst, src: Imm(imm) })
        [0x17 dst 0 0 imm] "{rdst} -= {imm}", V1, (3, 18), "Subtracts, with a constant, 64 bits.";
    sub64_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W64, op: AluOp::Sub, dst, src: Source::Reg(src) })
        [0x1f dst src 0 0] "{rdst} -= {rsrc}", V1, (3, 18), "Subtracts, with a register, 64 bits.";
    mul64_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W64, op: AluOp::Mul, dst, src: Imm(imm) })
        [0x27 dst 0 0 imm] "{rdst} *= {imm}", V1, (3, 18), "Multiplies, with a constant, 64 bits.";
    mul64_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W64, op: AluOp::Mul, dst, src: Source::Reg(src) })
        [0x2f dst src 0 0] "{rdst} *= {rsrc}", V1, (3, 18), "Multiplies, with a register, 64 bits.";
    div64_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W64, op: AluOp::Div, dst, src: Imm(imm) })
        [0x37 dst 0 0 imm] "{rdst} /= {imm}", V1, (3, 18), "Divides, unsigned; by zero gives 0, with a constant, 64 bits.";
    div64_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W64, op: AluOp::Div, dst, src: Source::Reg(src) })
        [0x3f dst src 0 0] "{rdst} /= {rsrc}", V1, (3, 18), "Divides, unsigned; by zero gives 0, with a register, 64 bits.";
    or64_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W64, op: AluOp::Or, dst, src: Imm(imm) })
        [0x47 dst 0 0 imm] "{rdst} |= {imm}", V1, (3, 18), "Ors, with a constant, 64 bits.";
    or64_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W64, op: AluOp::Or, dst, src: Source::Reg(src) })
        [0x4f dst src 0 0] "{rdst} |= {rsrc}", V1, (3, 18), "Ors, with a register, 64 bits.";
    and64_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W64, op: AluOp::And, dst, src: Imm(imm) })
        [0x57 dst 0 0 imm] "{rdst} &= {imm}", V1, (3, 18), "Ands, with a constant, 64 bits.";
    and64_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W64, op: AluOp::And, dst, src: Source::Reg(src) })
        [0x5f dst src 0 0] "{rdst} &= {rsrc}", V1, (3, 18), "Ands, with a register, 64 bits.";
    lsh64_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W64, op: AluOp::Lsh, dst, src: Imm(imm) })
        [0x67 dst 0 0 imm] "{rdst} <<= {imm}", V1, (3, 18), "Shifts left, with a constant, 64 bits.";
    lsh64_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W64, op: AluOp::Lsh, dst, src: Source::Reg(src) })
        [0x6f dst src 0 0] "{rdst} <<= {rsrc}", V1, (3, 18), "Shifts left, with a register, 64 bits.";
    rsh64_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W64, op: AluOp::Rsh, dst, src: Imm(imm) })
        [0x77 dst 0 0 imm] "{rdst} >>= {imm}", V1, (3, 18), "Shifts right, filling with zeros, with a constant, 64 bits.";
    rsh64_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W64, op: AluOp::Rsh, dst, src: Source::Reg(src) })
        [0x7f dst src 0 0] "{rdst} >>= {rsrc}", V1, (3, 18), "Shifts right, filling with zeros, with a register, 64 bits.";
    mod64_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W64, op: AluOp::Mod, dst, src: Imm(imm) })
        [0x97 dst 0 0 imm] "{rdst} %= {imm}", V1, (3, 18), "Takes the remainder, unsigned; by zero leaves the destination, with a constant, 64 bits.";
    mod64_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W64, op: AluOp::Mod, dst, src: Source::Reg(src) })
        [0x9f dst src 0 0] "{rdst} %= {rsrc}", V1, (3, 18), "Takes the remainder, unsigned; by zero leaves the destination, with a register, 64 bits.";
    xor64_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W64, op: AluOp::Xor, dst, src: Imm(imm) })
        [0xa7 dst 0 0 imm] "{rdst} ^= {imm}", V1, (3, 18), "Exclusive-ors, with a constant, 64 bits.";
    xor64_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W64, op: AluOp::Xor, dst, src: Source::Reg(src) })
        [0xaf dst src 0 0] "{rdst} ^= {rsrc}", V1, (3, 18), "Exclusive-ors, with a register, 64 bits.";
    mov64_imm(dst: Reg, imm: i32) {-> dst} = (Insn::Alu { width: W64, op: AluOp::Mov, dst, src: Imm(imm) })
        [0xb7 dst 0 0 imm] "{rdst} = {imm}", V1, (3, 18), "Copies, with a constant, 64 bits.";
    mov64_reg(dst: Reg, src: Reg) {src -> dst} = (Insn::Alu { width: W64, op: AluOp::Mov, dst, src: Source::Reg(src) })
        [0xbf dst src 0 0] "{rdst} = {rsrc}", V1, (3, 18), "Copies, with a register, 64 bits.";
    arsh64_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W64, op: AluOp::Arsh, dst, src: Imm(imm) })
        [0xc7 dst 0 0 imm] "{rdst} s>>= {imm}", V1, (3, 18), "Shifts right, filling with the sign, with a constant, 64 bits.";
    arsh64_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W64, op: AluOp::Arsh, dst, src: Source::Reg(src) })
        [0xcf dst src 0 0] "{rdst} s>>= {rsrc}", V1, (3, 18), "Shifts right, filling with the sign, with a register, 64 bits.";
    sdiv64_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W64, op: AluOp::Sdiv, dst, src: Imm(imm) })
        [0x37 dst 0 1 imm] "{rdst} s/= {imm}", V4, (6, 6), "Divides, signed; by zero gives 0, with a constant, 64 bits.";
    sdiv64_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W64, op: AluOp::Sdiv, dst, src: Source::Reg(src) })
        [0x3f dst src 1 0] "{rdst} s/= {rsrc}", V4, (6, 6), "Divides, signed; by zero gives 0, with a register, 64 bits.";
    smod64_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W64, op: AluOp::Smod, dst, src: Imm(imm) })
        [0x97 dst 0 1 imm] "{rdst} s%= {imm}", V4, (6, 6), "Takes the remainder, signed; by zero leaves the destination, with a constant, 64 bits.";
    smod64_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W64, op: AluOp::Smod, dst, src: Source::Reg(src) })
        [0x9f dst src 1 0] "{rdst} s%= {rsrc}", V4, (6, 6), "Takes the remainder, signed; by zero leaves the destination, with a register, 64 bits.";
    neg64(dst: Reg) {dst -> dst} = (Insn::Neg { width: W64, dst })
        [0x87 dst 0 0 0] "{rdst} = -{rdst}", V1, (3, 18), "Negates, 64 bits.";

    // Arithmetic, 32 bits: class ALU, RFC 9669 section 5.1.
    add32_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W32, op: AluOp::Add, dst, src: Imm(imm) })
        [0x04 dst 0 0 imm] "{wdst} += {imm}", V3, (3, 18), "Adds, with a constant, 32 bits; clears the upper half.";
    add32_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W32, op: AluOp::Add, dst, src: Source::Reg(src) })
        [0x0c dst src 0 0] "{wdst} += {wsrc}", V3, (3, 18), "Adds, with a register, 32 bits; clears the upper half.";
    sub32_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W32, op: AluOp::Sub, dst, src: Imm(imm) })
        [0x14 dst 0 0 imm] "{wdst} -= {imm}", V3, (3, 18), "Subtracts, with a constant, 32 bits; clears the upper half.";
    sub32_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W32, op: AluOp::Sub, dst, src: Source::Reg(src) })
        [0x1c dst src 0 0] "{wdst} -= {wsrc}", V3, (3, 18), "Subtracts, with a register, 32 bits; clears the upper half.";
    mul32_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W32, op: AluOp::Mul, dst, src: Imm(imm) })
        [0x24 dst 0 0 imm] "{wdst} *= {imm}", V3, (3, 18), "Multiplies, with a constant, 32 bits; clears the upper half.";
    mul32_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W32, op: AluOp::Mul, dst, src: Source::Reg(src) })
        [0x2c dst src 0 0] "{wdst} *= {wsrc}", V3, (3, 18), "Multiplies, with a register, 32 bits; clears the upper half.";
    div32_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W32, op: AluOp::Div, dst, src: Imm(imm) })
        [0x34 dst 0 0 imm] "{wdst} /= {imm}", V3, (3, 18), "Divides, unsigned; by zero gives 0, with a constant, 32 bits; clears the upper half.";
    div32_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W32, op: AluOp::Div, dst, src: Source::Reg(src) })
        [0x3c dst src 0 0] "{wdst} /= {wsrc}", V3, (3, 18), "Divides, unsigned; by zero gives 0, with a register, 32 bits; clears the upper half.";
    or32_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W32, op: AluOp::Or, dst, src: Imm(imm) })
        [0x44 dst 0 0 imm] "{wdst} |= {imm}", V3, (3, 18), "Ors, with a constant, 32 bits; clears the upper half.";
    or32_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W32, op: AluOp::Or, dst, src: Source::Reg(src) })
        [0x4c dst src 0 0] "{wdst} |= {wsrc}", V3, (3, 18), "Ors, with a register, 32 bits; clears the upper half.";
    and32_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W32, op: AluOp::And, dst, src: Imm(imm) })
        [0x54 dst 0 0 imm] "{wdst} &= {imm}", V3, (3, 18), "Ands, with a constant, 32 bits; clears the upper half.";
    and32_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W32, op: AluOp::And, dst, src: Source::Reg(src) })
        [0x5c dst src 0 0] "{wdst} &= {wsrc}", V3, (3, 18), "Ands, with a register, 32 bits; clears the upper half.";
    lsh32_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W32, op: AluOp::Lsh, dst, src: Imm(imm) })
        [0x64 dst 0 0 imm] "{wdst} <<= {imm}", V3, (3, 18), "Shifts left, with a constant, 32 bits; clears the upper half.";
    lsh32_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W32, op: AluOp::Lsh, dst, src: Source::Reg(src) })
        [0x6c dst src 0 0] "{wdst} <<= {wsrc}", V3, (3, 18), "Shifts left, with a register, 32 bits; clears the upper half.";
    rsh32_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W32, op: AluOp::Rsh, dst, src: Imm(imm) })
        [0x74 dst 0 0 imm] "{wdst} >>= {imm}", V3, (3, 18), "Shifts right, filling with zeros, with a constant, 32 bits; clears the upper half.";
    rsh32_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W32, op: AluOp::Rsh, dst, src: Source::Reg(src) })
        [0x7c dst src 0 0] "{wdst} >>= {wsrc}", V3, (3, 18), "Shifts right, filling with zeros, with a register, 32 bits; clears the upper half.";
    mod32_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W32, op: AluOp::Mod, dst, src: Imm(imm) })
        [0x94 dst 0 0 imm] "{wdst} %= {imm}", V3, (3, 18), "Takes the remainder, unsigned; by zero leaves the destination, with a constant, 32 bits; clears the upper half.";
    mod32_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W32, op: AluOp::Mod, dst, src: Source::Reg(src) })
        [0x9c dst src 0 0] "{wdst} %= {wsrc}", V3, (3, 18), "Takes the remainder, unsigned; by zero leaves the destination, with a register, 32 bits; clears the upper half.";
    xor32_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W32, op: AluOp::Xor, dst, src: Imm(imm) })
        [0xa4 dst 0 0 imm] "{wdst} ^= {imm}", V3, (3, 18), "Exclusive-ors, with a constant, 32 bits; clears the upper half.";
    xor32_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W32, op: AluOp::Xor, dst, src: Source::Reg(src) })
        [0xac dst src 0 0] "{wdst} ^= {wsrc}", V3, (3, 18), "Exclusive-ors, with a register, 32 bits; clears the upper half.";
    mov32_imm(dst: Reg, imm: i32) {-> dst} = (Insn::Alu { width: W32, op: AluOp::Mov, dst, src: Imm(imm) })
        [0xb4 dst 0 0 imm] "{wdst} = {imm}", V3, (3, 18), "Copies, with a constant, 32 bits; clears the upper half.";
    mov32_reg(dst: Reg, src: Reg) {src -> dst} = (Insn::Alu { width: W32, op: AluOp::Mov, dst, src: Source::Reg(src) })
        [0xbc dst src 0 0] "{wdst} = {wsrc}", V3, (3, 18), "Copies, with a register, 32 bits; clears the upper half.";
    arsh32_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W32, op: AluOp::Arsh, dst, src: Imm(imm) })
        [0xc4 dst 0 0 imm] "{wdst} s>>= {imm}", V3, (5, 0), "Shifts right, filling with the sign, with a constant, 32 bits; clears the upper half.";
    arsh32_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W32, op: AluOp::Arsh, dst, src: Source::Reg(src) })
        [0xcc dst src 0 0] "{wdst} s>>= {wsrc}", V3, (5, 0), "Shifts right, filling with the sign, with a register, 32 bits; clears the upper half.";
    sdiv32_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W32, op: AluOp::Sdiv, dst, src: Imm(imm) })
        [0x34 dst 0 1 imm] "{wdst} s/= {imm}", V4, (6, 6), "Divides, signed; by zero gives 0, with a constant, 32 bits; clears the upper half.";
    sdiv32_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W32, op: AluOp::Sdiv, dst, src: Source::Reg(src) })
        [0x3c dst src 1 0] "{wdst} s/= {wsrc}", V4, (6, 6), "Divides, signed; by zero gives 0, with a register, 32 bits; clears the upper half.";
    smod32_imm(dst: Reg, imm: i32) {dst -> dst} = (Insn::Alu { width: W32, op: AluOp::Smod, dst, src: Imm(imm) })
        [0x94 dst 0 1 imm] "{wdst} s%= {imm}", V4, (6, 6), "Takes the remainder, signed; by zero leaves the destination, with a constant, 32 bits; clears the upper half.";
    smod32_reg(dst: Reg, src: Reg) {dst src -> dst} = (Insn::Alu { width: W32, op: AluOp::Smod, dst, src: Source::Reg(src) })
        [0x9c dst src 1 0] "{wdst} s%= {wsrc}", V4, (6, 6), "Takes the remainder, signed; by zero leaves the destination, with a register, 32 bits; clears the upper half.";
    neg32(dst: Reg) {dst -> dst} = (Insn::Neg { width: W32, dst })
        [0x84 dst 0 0 0] "{wdst} = -{wdst}", V3, (3, 18), "Negates, 32 bits.";

    // Moves that extend the sign, and byte swaps: RFC 9669 sections 5.1 and 5.2.
    movsx8_64(dst: Reg, src: Reg) {src -> dst} = (Insn::MovSx { from: SignExtend::S8ToW64, dst, src })
        [0xbf dst src 8 0] "{rdst} = (s8){rsrc}", V4, (6, 6), "Copies the lower 8 bits and extends their sign to 64 bits.";
    movsx16_64(dst: Reg, src: Reg) {src -> dst} = (Insn::MovSx { from: SignExtend::S16ToW64, dst, src })
        [0xbf dst src 16 0] "{rdst} = (s16){rsrc}", V4, (6, 6), "Copies the lower 16 bits and extends their sign to 64 bits.";
    movsx32_64(dst: Reg, src: Reg) {src -> dst} = (Insn::MovSx { from: SignExtend::S32ToW64, dst, src })
        [0xbf dst src 32 0] "{rdst} = (s32){rsrc}", V4, (6, 6), "Copies the lower 32 bits and extends their sign to 64 bits.";
    movsx8_32(dst: Reg, src: Reg) {src -> dst} = (Insn::MovSx { from: SignExtend::S8ToW32, dst, src })
        [0xbc dst src 8 0] "{wdst} = (s8){wsrc}", V4, (6, 6), "Copies the lower 8 bits and extends their sign to 32 bits.";
    movsx16_32(dst: Reg, src: Reg) {src -> dst} = (Insn::MovSx { from: SignExtend::S16ToW32, dst, src })
        [0xbc dst src 16 0] "{wdst} = (s16){wsrc}", V4, (6, 6), "Copies the lower 16 bits and extends their sign to 32 bits.";
    le16(dst: Reg) {dst -> dst} = (Insn::ToEndian { order: Endianness::Le, bits: SwapBits::B16, dst })
        [0xd4 dst 0 0 16] "{rdst} = le16 {rdst}", V1, (3, 18), "Converts 16 bits between the host's byte order and little endian.";
    le32(dst: Reg) {dst -> dst} = (Insn::ToEndian { order: Endianness::Le, bits: SwapBits::B32, dst })
        [0xd4 dst 0 0 32] "{rdst} = le32 {rdst}", V1, (3, 18), "Converts 32 bits between the host's byte order and little endian.";
    le64(dst: Reg) {dst -> dst} = (Insn::ToEndian { order: Endianness::Le, bits: SwapBits::B64, dst })
        [0xd4 dst 0 0 64] "{rdst} = le64 {rdst}", V1, (3, 18), "Converts 64 bits between the host's byte order and little endian.";
    be16(dst: Reg) {dst -> dst} = (Insn::ToEndian { order: Endianness::Be, bits: SwapBits::B16, dst })
        [0xdc dst 0 0 16] "{rdst} = be16 {rdst}", V1, (3, 18), "Converts 16 bits between the host's byte order and big endian.";
    be32(dst: Reg) {dst -> dst} = (Insn::ToEndian { order: Endianness::Be, bits: SwapBits::B32, dst })
        [0xdc dst 0 0 32] "{rdst} = be32 {rdst}", V1, (3, 18), "Converts 32 bits between the host's byte order and big endian.";
    be64(dst: Reg) {dst -> dst} = (Insn::ToEndian { order: Endianness::Be, bits: SwapBits::B64, dst })
        [0xdc dst 0 0 64] "{rdst} = be64 {rdst}", V1, (3, 18), "Converts 64 bits between the host's byte order and big endian.";
    bswap16(dst: Reg) {dst -> dst} = (Insn::Bswap { bits: SwapBits::B16, dst })
        [0xd7 dst 0 0 16] "{rdst} = bswap16 {rdst}", V4, (6, 6), "Reverses the bytes of the lower 16 bits.";
    bswap32(dst: Reg) {dst -> dst} = (Insn::Bswap { bits: SwapBits::B32, dst })
        [0xd7 dst 0 0 32] "{rdst} = bswap32 {rdst}", V4, (6, 6), "Reverses the bytes of the lower 32 bits.";
    bswap64(dst: Reg) {dst -> dst} = (Insn::Bswap { bits: SwapBits::B64, dst })
        [0xd7 dst 0 0 64] "{rdst} = bswap64 {rdst}", V4, (6, 6), "Reverses the bytes of the lower 64 bits.";
    cast_to_kernel(dst: Reg, src: Reg) {src -> dst} = (Insn::AddrSpaceCast { cast: Cast::ToKernel, dst, src })
        [0xbf dst src 1 1] "{rdst} = addr_space_cast({rsrc}, 0, 1)", Later, (6, 9), "Turns an arena pointer (address space 1) into one that the kernel can follow.";
    cast_to_arena(dst: Reg, src: Reg) {src -> dst} = (Insn::AddrSpaceCast { cast: Cast::ToArena, dst, src })
        [0xbf dst src 1 0x10000] "{rdst} = addr_space_cast({rsrc}, 1, 0)", Later, (6, 9), "Turns a kernel pointer into one of the arena (address space 1).";

    // Loads and stores: classes LDX, STX and ST, RFC 9669 section 5.2 and 5.3.
    load_u32(dst: Reg, base: Reg, off: i16) {base -> dst} = (Insn::Load { size: Size::U32, dst, base, off })
        [0x61 dst base off 0] "{rdst} = *(u32 *)({rsrc} {off})", V1, (3, 18), "Loads 32 bits, zero-extended.";
    load_u16(dst: Reg, base: Reg, off: i16) {base -> dst} = (Insn::Load { size: Size::U16, dst, base, off })
        [0x69 dst base off 0] "{rdst} = *(u16 *)({rsrc} {off})", V1, (3, 18), "Loads 16 bits, zero-extended.";
    load_u8(dst: Reg, base: Reg, off: i16) {base -> dst} = (Insn::Load { size: Size::U8, dst, base, off })
        [0x71 dst base off 0] "{rdst} = *(u8 *)({rsrc} {off})", V1, (3, 18), "Loads 8 bits, zero-extended.";
    load_u64(dst: Reg, base: Reg, off: i16) {base -> dst} = (Insn::Load { size: Size::U64, dst, base, off })
        [0x79 dst base off 0] "{rdst} = *(u64 *)({rsrc} {off})", V1, (3, 18), "Loads 64 bits, zero-extended.";
    load_s32(dst: Reg, base: Reg, off: i16) {base -> dst} = (Insn::LoadSx { size: SxSize::S32, dst, base, off })
        [0x81 dst base off 0] "{rdst} = *(s32 *)({rsrc} {off})", V4, (6, 6), "Loads 32 bits, sign-extended to 64.";
    load_s16(dst: Reg, base: Reg, off: i16) {base -> dst} = (Insn::LoadSx { size: SxSize::S16, dst, base, off })
        [0x89 dst base off 0] "{rdst} = *(s16 *)({rsrc} {off})", V4, (6, 6), "Loads 16 bits, sign-extended to 64.";
    load_s8(dst: Reg, base: Reg, off: i16) {base -> dst} = (Insn::LoadSx { size: SxSize::S8, dst, base, off })
        [0x91 dst base off 0] "{rdst} = *(s8 *)({rsrc} {off})", V4, (6, 6), "Loads 8 bits, sign-extended to 64.";
    store_u32(base: Reg, off: i16, src: Reg) {base src ->} = (Insn::Store { size: Size::U32, base, off, src })
        [0x63 base src off 0] "*(u32 *)({rdst} {off}) = {rsrc}", V1, (3, 18), "Stores the lower 32 bits of a register.";
    store_u16(base: Reg, off: i16, src: Reg) {base src ->} = (Insn::Store { size: Size::U16, base, off, src })
        [0x6b base src off 0] "*(u16 *)({rdst} {off}) = {rsrc}", V1, (3, 18), "Stores the lower 16 bits of a register.";
    store_u8(base: Reg, off: i16, src: Reg) {base src ->} = (Insn::Store { size: Size::U8, base, off, src })
        [0x73 base src off 0] "*(u8 *)({rdst} {off}) = {rsrc}", V1, (3, 18), "Stores the lower 8 bits of a register.";
    store_u64(base: Reg, off: i16, src: Reg) {base src ->} = (Insn::Store { size: Size::U64, base, off, src })
        [0x7b base src off 0] "*(u64 *)({rdst} {off}) = {rsrc}", V1, (3, 18), "Stores the lower 64 bits of a register.";
    store_u32_imm(base: Reg, off: i16, imm: i32) {base ->} = (Insn::StoreImm { size: Size::U32, base, off, imm })
        [0x62 base 0 off imm] "*(u32 *)({rdst} {off}) = {imm}", V1, (3, 18), "Stores a constant in 32 bits.";
    store_u16_imm(base: Reg, off: i16, imm: i32) {base ->} = (Insn::StoreImm { size: Size::U16, base, off, imm })
        [0x6a base 0 off imm] "*(u16 *)({rdst} {off}) = {imm}", V1, (3, 18), "Stores a constant in 16 bits.";
    store_u8_imm(base: Reg, off: i16, imm: i32) {base ->} = (Insn::StoreImm { size: Size::U8, base, off, imm })
        [0x72 base 0 off imm] "*(u8 *)({rdst} {off}) = {imm}", V1, (3, 18), "Stores a constant in 8 bits.";
    store_u64_imm(base: Reg, off: i16, imm: i32) {base ->} = (Insn::StoreImm { size: Size::U64, base, off, imm })
        [0x7a base 0 off imm] "*(u64 *)({rdst} {off}) = {imm}", V1, (3, 18), "Stores a constant in 64 bits.";

    // The two-slot load of 64-bit constants and addresses: RFC 9669 section 5.4.
    load_imm64(dst: Reg, value: u64) {-> dst} = (Insn::LoadImm64 { dst, value: Imm64::Const(value) })
        [0x18 dst 0 0 value; hi] "{rdst} = {imm64}", V1, (3, 18), "Loads a 64-bit constant.";
    load_map_fd(dst: Reg, fd: i32) {-> dst} = (Insn::LoadImm64 { dst, value: Imm64::MapFd(fd) })
        [0x18 dst 1 0 fd; 0] "{rdst} = map[fd:{imm}]", V1, (3, 18), "Loads the address of a map by file descriptor.";
    load_map_fd_value(dst: Reg, fd: i32, off: i32) {-> dst} = (Insn::LoadImm64 { dst, value: Imm64::MapFdValue { fd, off } })
        [0x18 dst 2 0 fd; off] "{rdst} = map[fd:{imm}][0]{next}", V1, (5, 2), "Loads an address inside an array map's only value by file descriptor.";
    load_btf_id(dst: Reg, id: i32, module_fd: i32) {-> dst} = (Insn::LoadImm64 { dst, value: Imm64::BtfId { id, module_fd } })
        [0x18 dst 3 0 id; module_fd] "{rdst} = btf[id:{imm}]{next}", V1, (5, 10), "Loads the address of a kernel variable by BTF id.";
    load_func(dst: Reg, off: i32) {-> dst} = (Insn::LoadImm64 { dst, value: Imm64::Func(off) })
        [0x18 dst 4 0 off; 0] "{rdst} = func[{pcimm}]", V1, (5, 13), "Loads the address of a function of the program, for callbacks.";
    load_map_idx(dst: Reg, idx: i32) {-> dst} = (Insn::LoadImm64 { dst, value: Imm64::MapIdx(idx) })
        [0x18 dst 5 0 idx; 0] "{rdst} = map[{map}]", V1, (5, 14), "Loads the address of a map by its index in the list of maps.";
    load_map_idx_value(dst: Reg, idx: i32, off: i32) {-> dst} = (Insn::LoadImm64 { dst, value: Imm64::MapIdxValue { idx, off } })
        [0x18 dst 6 0 idx; off] "{rdst} = map[{map}][0]{next}", V1, (5, 14), "Loads an address inside an array map's only value by the map's index.";

    // Classic packet loads: RFC 9669 section 5.5.
    load_abs_u32(imm: i32) {r6 -> caller_saved} = (Insn::LoadAbs { size: AbsSize::U32, imm })
        [0x20 0 0 0 imm] "r0 = *(u32 *)skb[{imm}]", V1, (3, 18), "Loads 32 bits of the packet at a constant offset into r0; r6 is the context.";
    load_abs_u16(imm: i32) {r6 -> caller_saved} = (Insn::LoadAbs { size: AbsSize::U16, imm })
        [0x28 0 0 0 imm] "r0 = *(u16 *)skb[{imm}]", V1, (3, 18), "Loads 16 bits of the packet at a constant offset into r0; r6 is the context.";
    load_abs_u8(imm: i32) {r6 -> caller_saved} = (Insn::LoadAbs { size: AbsSize::U8, imm })
        [0x30 0 0 0 imm] "r0 = *(u8 *)skb[{imm}]", V1, (3, 18), "Loads 8 bits of the packet at a constant offset into r0; r6 is the context.";
    load_ind_u32(src: Reg, imm: i32) {r6 src -> caller_saved} = (Insn::LoadInd { size: AbsSize::U32, src, imm })
        [0x40 0 src 0 imm] "r0 = *(u32 *)skb[{rsrc} + {imm}]", V1, (3, 18), "Loads 32 bits of the packet at a register plus a constant into r0; r6 is the context.";
    load_ind_u16(src: Reg, imm: i32) {r6 src -> caller_saved} = (Insn::LoadInd { size: AbsSize::U16, src, imm })
        [0x48 0 src 0 imm] "r0 = *(u16 *)skb[{rsrc} + {imm}]", V1, (3, 18), "Loads 16 bits of the packet at a register plus a constant into r0; r6 is the context.";
    load_ind_u8(src: Reg, imm: i32) {r6 src -> caller_saved} = (Insn::LoadInd { size: AbsSize::U8, src, imm })
        [0x50 0 src 0 imm] "r0 = *(u8 *)skb[{rsrc} + {imm}]", V1, (3, 18), "Loads 8 bits of the packet at a register plus a constant into r0; r6 is the context.";

    // Atomics: class STX, mode ATOMIC, RFC 9669 section 5.3.
    atomic_add_u64(base: Reg, off: i16, src: Reg) {base src ->} = (Insn::Atomic { size: AtomicSize::U64, op: AtomicOp::Add, base, off, src })
        [0xdb base src off 0x00] "lock *(u64 *)({rdst} {off}) += {rsrc}", V1, (3, 18), "Atomic add on 64 bits of memory.";
    atomic_or_u64(base: Reg, off: i16, src: Reg) {base src ->} = (Insn::Atomic { size: AtomicSize::U64, op: AtomicOp::Or, base, off, src })
        [0xdb base src off 0x40] "lock *(u64 *)({rdst} {off}) |= {rsrc}", V3, (5, 12), "Atomic or on 64 bits of memory.";
    atomic_and_u64(base: Reg, off: i16, src: Reg) {base src ->} = (Insn::Atomic { size: AtomicSize::U64, op: AtomicOp::And, base, off, src })
        [0xdb base src off 0x50] "lock *(u64 *)({rdst} {off}) &= {rsrc}", V3, (5, 12), "Atomic and on 64 bits of memory.";
    atomic_xor_u64(base: Reg, off: i16, src: Reg) {base src ->} = (Insn::Atomic { size: AtomicSize::U64, op: AtomicOp::Xor, base, off, src })
        [0xdb base src off 0xa0] "lock *(u64 *)({rdst} {off}) ^= {rsrc}", V3, (5, 12), "Atomic xor on 64 bits of memory.";
    atomic_fetch_add_u64(base: Reg, off: i16, src: Reg) {base src -> src} = (Insn::Atomic { size: AtomicSize::U64, op: AtomicOp::FetchAdd, base, off, src })
        [0xdb base src off 0x01] "{rsrc} = atomic64_fetch_add((u64 *)({rdst} {off}), {rsrc})", V3, (5, 12), "Atomic add on 64 bits of memory; the source register gets the old value.";
    atomic_fetch_or_u64(base: Reg, off: i16, src: Reg) {base src -> src} = (Insn::Atomic { size: AtomicSize::U64, op: AtomicOp::FetchOr, base, off, src })
        [0xdb base src off 0x41] "{rsrc} = atomic64_fetch_or((u64 *)({rdst} {off}), {rsrc})", V3, (5, 12), "Atomic or on 64 bits of memory; the source register gets the old value.";
    atomic_fetch_and_u64(base: Reg, off: i16, src: Reg) {base src -> src} = (Insn::Atomic { size: AtomicSize::U64, op: AtomicOp::FetchAnd, base, off, src })
        [0xdb base src off 0x51] "{rsrc} = atomic64_fetch_and((u64 *)({rdst} {off}), {rsrc})", V3, (5, 12), "Atomic and on 64 bits of memory; the source register gets the old value.";
    atomic_fetch_xor_u64(base: Reg, off: i16, src: Reg) {base src -> src} = (Insn::Atomic { size: AtomicSize::U64, op: AtomicOp::FetchXor, base, off, src })
        [0xdb base src off 0xa1] "{rsrc} = atomic64_fetch_xor((u64 *)({rdst} {off}), {rsrc})", V3, (5, 12), "Atomic xor on 64 bits of memory; the source register gets the old value.";
    atomic_xchg_u64(base: Reg, off: i16, src: Reg) {base src -> src} = (Insn::Atomic { size: AtomicSize::U64, op: AtomicOp::Xchg, base, off, src })
        [0xdb base src off 0xe1] "{rsrc} = atomic64_xchg((u64 *)({rdst} {off}), {rsrc})", V3, (5, 12), "Atomically exchanges 64 bits of memory with the source register.";
    atomic_cmpxchg_u64(base: Reg, off: i16, src: Reg) {r0 base src -> r0} = (Insn::Atomic { size: AtomicSize::U64, op: AtomicOp::Cmpxchg, base, off, src })
        [0xdb base src off 0xf1] "r0 = atomic64_cmpxchg((u64 *)({rdst} {off}), r0, {rsrc})", V3, (5, 12), "Atomically stores the source register if 64 bits of memory equal r0; r0 gets the old value.";
    atomic_add_u32(base: Reg, off: i16, src: Reg) {base src ->} = (Insn::Atomic { size: AtomicSize::U32, op: AtomicOp::Add, base, off, src })
        [0xc3 base src off 0x00] "lock *(u32 *)({rdst} {off}) += {rsrc}", V1, (3, 18), "Atomic add on 32 bits of memory.";
    atomic_or_u32(base: Reg, off: i16, src: Reg) {base src ->} = (Insn::Atomic { size: AtomicSize::U32, op: AtomicOp::Or, base, off, src })
        [0xc3 base src off 0x40] "lock *(u32 *)({rdst} {off}) |= {rsrc}", V3, (5, 12), "Atomic or on 32 bits of memory.";
    atomic_and_u32(base: Reg, off: i16, src: Reg) {base src ->} = (Insn::Atomic { size: AtomicSize::U32, op: AtomicOp::And, base, off, src })
        [0xc3 base src off 0x50] "lock *(u32 *)({rdst} {off}) &= {rsrc}", V3, (5, 12), "Atomic and on 32 bits of memory.";
    atomic_xor_u32(base: Reg, off: i16, src: Reg) {base src ->} = (Insn::Atomic { size: AtomicSize::U32, op: AtomicOp::Xor, base, off, src })
        [0xc3 base src off 0xa0] "lock *(u32 *)({rdst} {off}) ^= {rsrc}", V3, (5, 12), "Atomic xor on 32 bits of memory.";
    atomic_fetch_add_u32(base: Reg, off: i16, src: Reg) {base src -> src} = (Insn::Atomic { size: AtomicSize::U32, op: AtomicOp::FetchAdd, base, off, src })
        [0xc3 base src off 0x01] "{rsrc} = atomic_fetch_add((u32 *)({rdst} {off}), {rsrc})", V3, (5, 12), "Atomic add on 32 bits of memory; the source register gets the old value.";
    atomic_fetch_or_u32(base: Reg, off: i16, src: Reg) {base src -> src} = (Insn::Atomic { size: AtomicSize::U32, op: AtomicOp::FetchOr, base, off, src })
        [0xc3 base src off 0x41] "{rsrc} = atomic_fetch_or((u32 *)({rdst} {off}), {rsrc})", V3, (5, 12), "Atomic or on 32 bits of memory; the source register gets the old value.";
    atomic_fetch_and_u32(base: Reg, off: i16, src: Reg) {base src -> src} = (Insn::Atomic { size: AtomicSize::U32, op: AtomicOp::FetchAnd, base, off, src })
        [0xc3 base src off 0x51] "{rsrc} = atomic_fetch_and((u32 *)({rdst} {off}), {rsrc})", V3, (5, 12), "Atomic and on 32 bits of memory; the source register gets the old value.";
    atomic_fetch_xor_u32(base: Reg, off: i16, src: Reg) {base src -> src} = (Insn::Atomic { size: AtomicSize::U32, op: AtomicOp::FetchXor, base, off, src })
        [0xc3 base src off 0xa1] "{rsrc} = atomic_fetch_xor((u32 *)({rdst} {off}), {rsrc})", V3, (5, 12), "Atomic xor on 32 bits of memory; the source register gets the old value.";
    atomic_xchg_u32(base: Reg, off: i16, src: Reg) {base src -> src} = (Insn::Atomic { size: AtomicSize::U32, op: AtomicOp::Xchg, base, off, src })
        [0xc3 base src off 0xe1] "{rsrc} = atomic_xchg((u32 *)({rdst} {off}), {rsrc})", V3, (5, 12), "Atomically exchanges 32 bits of memory with the source register.";
    atomic_cmpxchg_u32(base: Reg, off: i16, src: Reg) {r0 base src -> r0} = (Insn::Atomic { size: AtomicSize::U32, op: AtomicOp::Cmpxchg, base, off, src })
        [0xc3 base src off 0xf1] "r0 = atomic_cmpxchg((u32 *)({rdst} {off}), r0, {rsrc})", V3, (5, 12), "Atomically stores the source register if 32 bits of memory equal r0; r0 gets the old value.";
    load_acquire_u32(dst: Reg, base: Reg, off: i16) {base -> dst} = (Insn::LoadAcquire { size: Size::U32, dst, base, off })
        [0xc3 dst base off 0x100] "{rdst} = load_acquire((u32 *)({rsrc} {off}))", Later, (6, 15), "Loads 32 bits with acquire order.";
    load_acquire_u16(dst: Reg, base: Reg, off: i16) {base -> dst} = (Insn::LoadAcquire { size: Size::U16, dst, base, off })
        [0xcb dst base off 0x100] "{rdst} = load_acquire((u16 *)({rsrc} {off}))", Later, (6, 15), "Loads 16 bits with acquire order.";
    load_acquire_u8(dst: Reg, base: Reg, off: i16) {base -> dst} = (Insn::LoadAcquire { size: Size::U8, dst, base, off })
        [0xd3 dst base off 0x100] "{rdst} = load_acquire((u8 *)({rsrc} {off}))", Later, (6, 15), "Loads 8 bits with acquire order.";
    load_acquire_u64(dst: Reg, base: Reg, off: i16) {base -> dst} = (Insn::LoadAcquire { size: Size::U64, dst, base, off })
        [0xdb dst base off 0x100] "{rdst} = load_acquire((u64 *)({rsrc} {off}))", Later, (6, 15), "Loads 64 bits with acquire order.";
    store_release_u32(base: Reg, off: i16, src: Reg) {base src ->} = (Insn::StoreRelease { size: Size::U32, base, off, src })
        [0xc3 base src off 0x110] "store_release((u32 *)({rdst} {off}), {rsrc})", Later, (6, 15), "Stores 32 bits with release order.";
    store_release_u16(base: Reg, off: i16, src: Reg) {base src ->} = (Insn::StoreRelease { size: Size::U16, base, off, src })
        [0xcb base src off 0x110] "store_release((u16 *)({rdst} {off}), {rsrc})", Later, (6, 15), "Stores 16 bits with release order.";
    store_release_u8(base: Reg, off: i16, src: Reg) {base src ->} = (Insn::StoreRelease { size: Size::U8, base, off, src })
        [0xd3 base src off 0x110] "store_release((u8 *)({rdst} {off}), {rsrc})", Later, (6, 15), "Stores 8 bits with release order.";
    store_release_u64(base: Reg, off: i16, src: Reg) {base src ->} = (Insn::StoreRelease { size: Size::U64, base, off, src })
        [0xdb base src off 0x110] "store_release((u64 *)({rdst} {off}), {rsrc})", Later, (6, 15), "Stores 64 bits with release order.";

    // Jumps: classes JMP and JMP32, RFC 9669 section 5.6.
    ja(off: i16) {->} = (Insn::Goto { off })
        [0x05 0 0 off 0] "goto {pc}", V1, (3, 18), "Jumps always.";
    gotol(off: i32) {->} = (Insn::GotoLong { off })
        [0x06 0 0 0 off] "gotol {pcimm}", V4, (6, 6), "Jumps always, with a 32-bit distance.";
    gotox(dst: Reg) {dst ->} = (Insn::GotoRegister { dst })
        [0x0d dst 0 0 0] "gotox {rdst}", Later, (6, 19), "Jumps to the instruction whose address a register holds, loaded from an `insn_array` map.";
    may_goto(off: i16) {->} = (Insn::MayGoto { off })
        [0xe5 0 0 off 0] "may_goto {pc}", Later, (6, 9), "Jumps once the program has looped too often, which bounds any loop.";
    jeq64_imm(dst: Reg, imm: i32, off: i16) {dst ->} = (Insn::JumpIf { width: W64, cond: Cond::Eq, dst, src: Imm(imm), off })
        [0x15 dst 0 off imm] "if {rdst} == {hex} goto {pc}", V1, (3, 18), "Jumps if register and constant compare equal; 64 bits.";
    jeq64_reg(dst: Reg, src: Reg, off: i16) {dst src ->} = (Insn::JumpIf { width: W64, cond: Cond::Eq, dst, src: Source::Reg(src), off })
        [0x1d dst src off 0] "if {rdst} == {rsrc} goto {pc}", V1, (3, 18), "Jumps if two registers compare equal; 64 bits.";
    jgt64_imm(dst: Reg, imm: i32, off: i16) {dst ->} = (Insn::JumpIf { width: W64, cond: Cond::Gt, dst, src: Imm(imm), off })
        [0x25 dst 0 off imm] "if {rdst} > {hex} goto {pc}", V1, (3, 18), "Jumps if register and constant compare greater, unsigned; 64 bits.";
    jgt64_reg(dst: Reg, src: Reg, off: i16) {dst src ->} = (Insn::JumpIf { width: W64, cond: Cond::Gt, dst, src: Source::Reg(src), off })
        [0x2d dst src off 0] "if {rdst} > {rsrc} goto {pc}", V1, (3, 18), "Jumps if two registers compare greater, unsigned; 64 bits.";
    jge64_imm(dst: Reg, imm: i32, off: i16) {dst ->} = (Insn::JumpIf { width: W64, cond: Cond::Ge, dst, src: Imm(imm), off })
        [0x35 dst 0 off imm] "if {rdst} >= {hex} goto {pc}", V1, (3, 18), "Jumps if register and constant compare greater or equal, unsigned; 64 bits.";
    jge64_reg(dst: Reg, src: Reg, off: i16) {dst src ->} = (Insn::JumpIf { width: W64, cond: Cond::Ge, dst, src: Source::Reg(src), off })
        [0x3d dst src off 0] "if {rdst} >= {rsrc} goto {pc}", V1, (3, 18), "Jumps if two registers compare greater or equal, unsigned; 64 bits.";
    jset64_imm(dst: Reg, imm: i32, off: i16) {dst ->} = (Insn::JumpIf { width: W64, cond: Cond::Set, dst, src: Imm(imm), off })
        [0x45 dst 0 off imm] "if {rdst} & {hex} goto {pc}", V1, (3, 18), "Jumps if register and constant compare some bit in common; 64 bits.";
    jset64_reg(dst: Reg, src: Reg, off: i16) {dst src ->} = (Insn::JumpIf { width: W64, cond: Cond::Set, dst, src: Source::Reg(src), off })
        [0x4d dst src off 0] "if {rdst} & {rsrc} goto {pc}", V1, (3, 18), "Jumps if two registers compare some bit in common; 64 bits.";
    jne64_imm(dst: Reg, imm: i32, off: i16) {dst ->} = (Insn::JumpIf { width: W64, cond: Cond::Ne, dst, src: Imm(imm), off })
        [0x55 dst 0 off imm] "if {rdst} != {hex} goto {pc}", V1, (3, 18), "Jumps if register and constant compare not equal; 64 bits.";
    jne64_reg(dst: Reg, src: Reg, off: i16) {dst src ->} = (Insn::JumpIf { width: W64, cond: Cond::Ne, dst, src: Source::Reg(src), off })
        [0x5d dst src off 0] "if {rdst} != {rsrc} goto {pc}", V1, (3, 18), "Jumps if two registers compare not equal; 64 bits.";
    jsgt64_imm(dst: Reg, imm: i32, off: i16) {dst ->} = (Insn::JumpIf { width: W64, cond: Cond::Sgt, dst, src: Imm(imm), off })
        [0x65 dst 0 off imm] "if {rdst} s> {hex} goto {pc}", V1, (3, 18), "Jumps if register and constant compare greater, signed; 64 bits.";
    jsgt64_reg(dst: Reg, src: Reg, off: i16) {dst src ->} = (Insn::JumpIf { width: W64, cond: Cond::Sgt, dst, src: Source::Reg(src), off })
        [0x6d dst src off 0] "if {rdst} s> {rsrc} goto {pc}", V1, (3, 18), "Jumps if two registers compare greater, signed; 64 bits.";
    jsge64_imm(dst: Reg, imm: i32, off: i16) {dst ->} = (Insn::JumpIf { width: W64, cond: Cond::Sge, dst, src: Imm(imm), off })
        [0x75 dst 0 off imm] "if {rdst} s>= {hex} goto {pc}", V1, (3, 18), "Jumps if register and constant compare greater or equal, signed; 64 bits.";
    jsge64_reg(dst: Reg, src: Reg, off: i16) {dst src ->} = (Insn::JumpIf { width: W64, cond: Cond::Sge, dst, src: Source::Reg(src), off })
        [0x7d dst src off 0] "if {rdst} s>= {rsrc} goto {pc}", V1, (3, 18), "Jumps if two registers compare greater or equal, signed; 64 bits.";
    jlt64_imm(dst: Reg, imm: i32, off: i16) {dst ->} = (Insn::JumpIf { width: W64, cond: Cond::Lt, dst, src: Imm(imm), off })
        [0xa5 dst 0 off imm] "if {rdst} < {hex} goto {pc}", V2, (4, 14), "Jumps if register and constant compare less, unsigned; 64 bits.";
    jlt64_reg(dst: Reg, src: Reg, off: i16) {dst src ->} = (Insn::JumpIf { width: W64, cond: Cond::Lt, dst, src: Source::Reg(src), off })
        [0xad dst src off 0] "if {rdst} < {rsrc} goto {pc}", V2, (4, 14), "Jumps if two registers compare less, unsigned; 64 bits.";
    jle64_imm(dst: Reg, imm: i32, off: i16) {dst ->} = (Insn::JumpIf { width: W64, cond: Cond::Le, dst, src: Imm(imm), off })
        [0xb5 dst 0 off imm] "if {rdst} <= {hex} goto {pc}", V2, (4, 14), "Jumps if register and constant compare less or equal, unsigned; 64 bits.";
    jle64_reg(dst: Reg, src: Reg, off: i16) {dst src ->} = (Insn::JumpIf { width: W64, cond: Cond::Le, dst, src: Source::Reg(src), off })
        [0xbd dst src off 0] "if {rdst} <= {rsrc} goto {pc}", V2, (4, 14), "Jumps if two registers compare less or equal, unsigned; 64 bits.";
    jslt64_imm(dst: Reg, imm: i32, off: i16) {dst ->} = (Insn::JumpIf { width: W64, cond: Cond::Slt, dst, src: Imm(imm), off })
        [0xc5 dst 0 off imm] "if {rdst} s< {hex} goto {pc}", V2, (4, 14), "Jumps if register and constant compare less, signed; 64 bits.";
    jslt64_reg(dst: Reg, src: Reg, off: i16) {dst src ->} = (Insn::JumpIf { width: W64, cond: Cond::Slt, dst, src: Source::Reg(src), off })
        [0xcd dst src off 0] "if {rdst} s< {rsrc} goto {pc}", V2, (4, 14), "Jumps if two registers compare less, signed; 64 bits.";
    jsle64_imm(dst: Reg, imm: i32, off: i16) {dst ->} = (Insn::JumpIf { width: W64, cond: Cond::Sle, dst, src: Imm(imm), off })
        [0xd5 dst 0 off imm] "if {rdst} s<= {hex} goto {pc}", V2, (4, 14), "Jumps if register and constant compare less or equal, signed; 64 bits.";
    jsle64_reg(dst: Reg, src: Reg, off: i16) {dst src ->} = (Insn::JumpIf { width: W64, cond: Cond::Sle, dst, src: Source::Reg(src), off })
        [0xdd dst src off 0] "if {rdst} s<= {rsrc} goto {pc}", V2, (4, 14), "Jumps if two registers compare less or equal, signed; 64 bits.";
    jeq32_imm(dst: Reg, imm: i32, off: i16) {dst ->} = (Insn::JumpIf { width: W32, cond: Cond::Eq, dst, src: Imm(imm), off })
        [0x16 dst 0 off imm] "if {wdst} == {hex} goto {pc}", V3, (5, 1), "Jumps if register and constant compare equal; 32 bits.";
    jeq32_reg(dst: Reg, src: Reg, off: i16) {dst src ->} = (Insn::JumpIf { width: W32, cond: Cond::Eq, dst, src: Source::Reg(src), off })
        [0x1e dst src off 0] "if {wdst} == {wsrc} goto {pc}", V3, (5, 1), "Jumps if two registers compare equal; 32 bits.";
    jgt32_imm(dst: Reg, imm: i32, off: i16) {dst ->} = (Insn::JumpIf { width: W32, cond: Cond::Gt, dst, src: Imm(imm), off })
        [0x26 dst 0 off imm] "if {wdst} > {hex} goto {pc}", V3, (5, 1), "Jumps if register and constant compare greater, unsigned; 32 bits.";
    jgt32_reg(dst: Reg, src: Reg, off: i16) {dst src ->} = (Insn::JumpIf { width: W32, cond: Cond::Gt, dst, src: Source::Reg(src), off })
        [0x2e dst src off 0] "if {wdst} > {wsrc} goto {pc}", V3, (5, 1), "Jumps if two registers compare greater, unsigned; 32 bits.";
    jge32_imm(dst: Reg, imm: i32, off: i16) {dst ->} = (Insn::JumpIf { width: W32, cond: Cond::Ge, dst, src: Imm(imm), off })
        [0x36 dst 0 off imm] "if {wdst} >= {hex} goto {pc}", V3, (5, 1), "Jumps if register and constant compare greater or equal, unsigned; 32 bits.";
    jge32_reg(dst: Reg, src: Reg, off: i16) {dst src ->} = (Insn::JumpIf { width: W32, cond: Cond::Ge, dst, src: Source::Reg(src), off })
        [0x3e dst src off 0] "if {wdst} >= {wsrc} goto {pc}", V3, (5, 1), "Jumps if two registers compare greater or equal, unsigned; 32 bits.";
    jset32_imm(dst: Reg, imm: i32, off: i16) {dst ->} = (Insn::JumpIf { width: W32, cond: Cond::Set, dst, src: Imm(imm), off })
        [0x46 dst 0 off imm] "if {wdst} & {hex} goto {pc}", V3, (5, 1), "Jumps if register and constant compare some bit in common; 32 bits.";
    jset32_reg(dst: Reg, src: Reg, off: i16) {dst src ->} = (Insn::JumpIf { width: W32, cond: Cond::Set, dst, src: Source::Reg(src), off })
        [0x4e dst src off 0] "if {wdst} & {wsrc} goto {pc}", V3, (5, 1), "Jumps if two registers compare some bit in common; 32 bits.";
    jne32_imm(dst: Reg, imm: i32, off: i16) {dst ->} = (Insn::JumpIf { width: W32, cond: Cond::Ne, dst, src: Imm(imm), off })
        [0x56 dst 0 off imm] "if {wdst} != {hex} goto {pc}", V3, (5, 1), "Jumps if register and constant compare not equal; 32 bits.";
    jne32_reg(dst: Reg, src: Reg, off: i16) {dst src ->} = (Insn::JumpIf { width: W32, cond: Cond::Ne, dst, src: Source::Reg(src), off })
        [0x5e dst src off 0] "if {wdst} != {wsrc} goto {pc}", V3, (5, 1), "Jumps if two registers compare not equal; 32 bits.";
    jsgt32_imm(dst: Reg, imm: i32, off: i16) {dst ->} = (Insn::JumpIf { width: W32, cond: Cond::Sgt, dst, src: Imm(imm), off })
        [0x66 dst 0 off imm] "if {wdst} s> {hex} goto {pc}", V3, (5, 1), "Jumps if register and constant compare greater, signed; 32 bits.";
    jsgt32_reg(dst: Reg, src: Reg, off: i16) {dst src ->} = (Insn::JumpIf { width: W32, cond: Cond::Sgt, dst, src: Source::Reg(src), off })
        [0x6e dst src off 0] "if {wdst} s> {wsrc} goto {pc}", V3, (5, 1), "Jumps if two registers compare greater, signed; 32 bits.";
    jsge32_imm(dst: Reg, imm: i32, off: i16) {dst ->} = (Insn::JumpIf { width: W32, cond: Cond::Sge, dst, src: Imm(imm), off })
        [0x76 dst 0 off imm] "if {wdst} s>= {hex} goto {pc}", V3, (5, 1), "Jumps if register and constant compare greater or equal, signed; 32 bits.";
    jsge32_reg(dst: Reg, src: Reg, off: i16) {dst src ->} = (Insn::JumpIf { width: W32, cond: Cond::Sge, dst, src: Source::Reg(src), off })
        [0x7e dst src off 0] "if {wdst} s>= {wsrc} goto {pc}", V3, (5, 1), "Jumps if two registers compare greater or equal, signed; 32 bits.";
    jlt32_imm(dst: Reg, imm: i32, off: i16) {dst ->} = (Insn::JumpIf { width: W32, cond: Cond::Lt, dst, src: Imm(imm), off })
        [0xa6 dst 0 off imm] "if {wdst} < {hex} goto {pc}", V3, (5, 1), "Jumps if register and constant compare less, unsigned; 32 bits.";
    jlt32_reg(dst: Reg, src: Reg, off: i16) {dst src ->} = (Insn::JumpIf { width: W32, cond: Cond::Lt, dst, src: Source::Reg(src), off })
        [0xae dst src off 0] "if {wdst} < {wsrc} goto {pc}", V3, (5, 1), "Jumps if two registers compare less, unsigned; 32 bits.";
    jle32_imm(dst: Reg, imm: i32, off: i16) {dst ->} = (Insn::JumpIf { width: W32, cond: Cond::Le, dst, src: Imm(imm), off })
        [0xb6 dst 0 off imm] "if {wdst} <= {hex} goto {pc}", V3, (5, 1), "Jumps if register and constant compare less or equal, unsigned; 32 bits.";
    jle32_reg(dst: Reg, src: Reg, off: i16) {dst src ->} = (Insn::JumpIf { width: W32, cond: Cond::Le, dst, src: Source::Reg(src), off })
        [0xbe dst src off 0] "if {wdst} <= {wsrc} goto {pc}", V3, (5, 1), "Jumps if two registers compare less or equal, unsigned; 32 bits.";
    jslt32_imm(dst: Reg, imm: i32, off: i16) {dst ->} = (Insn::JumpIf { width: W32, cond: Cond::Slt, dst, src: Imm(imm), off })
        [0xc6 dst 0 off imm] "if {wdst} s< {hex} goto {pc}", V3, (5, 1), "Jumps if register and constant compare less, signed; 32 bits.";
    jslt32_reg(dst: Reg, src: Reg, off: i16) {dst src ->} = (Insn::JumpIf { width: W32, cond: Cond::Slt, dst, src: Source::Reg(src), off })
        [0xce dst src off 0] "if {wdst} s< {wsrc} goto {pc}", V3, (5, 1), "Jumps if two registers compare less, signed; 32 bits.";
    jsle32_imm(dst: Reg, imm: i32, off: i16) {dst ->} = (Insn::JumpIf { width: W32, cond: Cond::Sle, dst, src: Imm(imm), off })
        [0xd6 dst 0 off imm] "if {wdst} s<= {hex} goto {pc}", V3, (5, 1), "Jumps if register and constant compare less or equal, signed; 32 bits.";
    jsle32_reg(dst: Reg, src: Reg, off: i16) {dst src ->} = (Insn::JumpIf { width: W32, cond: Cond::Sle, dst, src: Source::Reg(src), off })
        [0xde dst src off 0] "if {wdst} s<= {wsrc} goto {pc}", V3, (5, 1), "Jumps if two registers compare less or equal, signed; 32 bits.";

    // Calls and exit: RFC 9669 section 5.6.
    call_helper(helper: HelperId) {arguments -> caller_saved} = (Insn::CallHelper { helper })
        [0x85 0 0 0 helper] "call {helper}", V1, (3, 18), "Calls a helper function of the kernel.";
    call_local(off: i32) {arguments -> caller_saved} = (Insn::CallLocal { off })
        [0x85 0 1 0 off] "call {pcimm}", V1, (4, 16), "Calls another function of the program.";
    call_kfunc(btf_id: i32, module: i16) {arguments -> caller_saved} = (Insn::CallKfunc { btf_id, module })
        [0x85 0 2 module btf_id] "call {kfunc}", V1, (5, 13), "Calls a kernel function by its BTF id.";
    exit() {r0 ->} = (Insn::Exit)
        [0x95 0 0 0 0] "exit", V1, (3, 18), "Returns from the function.";
}
