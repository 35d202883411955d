//! The instruction as a value: every value of [`Insn`] is an instruction that the kernel knows.

use crate::reg::{Reg, Size, Width};
use knockwright_linux::HelperId;

/// One instruction.
///
/// The enum has exactly the instructions of the [table](crate::isa::TABLE): rustc checks that the table covers each of its
/// values. Jump distances count slots from the slot after the instruction, as in the machine code.
///
/// Matched exhaustively by design: who translates or judges instructions learns of a new one from the compiler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the fields are named by the documentation of their variant and of their type
pub enum Insn {
    /// Arithmetic: `dst op= src`.
    Alu { width: Width, op: AluOp, dst: Reg, src: Source },
    /// Two's complement: `dst = -dst`.
    Neg { width: Width, dst: Reg },
    /// A move that extends the sign of a narrower value.
    MovSx { from: SignExtend, dst: Reg, src: Reg },
    /// Converts between the host's byte order and a named one; bits above `bits` are cleared.
    ToEndian { order: Endianness, bits: SwapBits, dst: Reg },
    /// Reverses the order of the lower bytes; bits above `bits` are cleared.
    Bswap { bits: SwapBits, dst: Reg },
    /// Converts a pointer between the address spaces of an arena.
    AddrSpaceCast { cast: Cast, dst: Reg, src: Reg },
    /// `dst = *(size *)(base + off)`, zero-extended.
    Load { size: Size, dst: Reg, base: Reg, off: i16 },
    /// `dst = *(signed size *)(base + off)`, sign-extended to 64 bits.
    LoadSx { size: SxSize, dst: Reg, base: Reg, off: i16 },
    /// `*(size *)(base + off) = src`.
    Store { size: Size, base: Reg, off: i16, src: Reg },
    /// `*(size *)(base + off) = imm`, the immediate sign-extended.
    StoreImm { size: Size, base: Reg, off: i16, imm: i32 },
    /// Loads a 64-bit constant, or the address of something that the loader or the kernel fills in. Takes two slots.
    LoadImm64 { dst: Reg, value: Imm64 },
    /// Classic BPF: loads from the packet at a constant offset into `r0`, in host byte order.
    LoadAbs { size: AbsSize, imm: i32 },
    /// Classic BPF: loads from the packet at `src + imm` into `r0`, in host byte order.
    LoadInd { size: AbsSize, src: Reg, imm: i32 },
    /// An atomic read-modify-write of `*(size *)(base + off)`.
    Atomic { size: AtomicSize, op: AtomicOp, base: Reg, off: i16, src: Reg },
    /// An atomic load with acquire order.
    LoadAcquire { size: Size, dst: Reg, base: Reg, off: i16 },
    /// An atomic store with release order.
    StoreRelease { size: Size, base: Reg, off: i16, src: Reg },
    /// Jumps always.
    Goto { off: i16 },
    /// Jumps always, with a 32-bit distance.
    GotoLong { off: i32 },
    /// Jumps to the instruction whose address `dst` holds: one that was loaded from a map of the kind `insn_array`.
    GotoRegister { dst: Reg },
    /// Jumps when the program has looped too often; falls through otherwise.
    MayGoto { off: i16 },
    /// Jumps if the comparison of `dst` with `src` holds.
    JumpIf { width: Width, cond: Cond, dst: Reg, src: Source, off: i16 },
    /// Calls a helper function of the kernel.
    CallHelper { helper: HelperId },
    /// Calls another function of the program.
    CallLocal { off: i32 },
    /// Calls a kernel function by its BTF id; `module` is an index into the loader's `fd_array`, 0 for the kernel itself.
    CallKfunc { btf_id: i32, module: i16 },
    /// Returns from the function; from the entry with `r0` as the result.
    Exit,
}

/// The second operand of arithmetic and of comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// A register.
    Reg(Reg),
    /// A 32-bit constant, sign-extended where the operation is 64 bits wide.
    Imm(i32),
}

impl From<Reg> for Source {
    fn from(reg: Reg) -> Self {
        Self::Reg(reg)
    }
}

impl From<i32> for Source {
    fn from(imm: i32) -> Self {
        Self::Imm(imm)
    }
}

/// A binary arithmetic operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AluOp {
    /// `+=`
    Add,
    /// `-=`
    Sub,
    /// `*=`
    Mul,
    /// `/=`, unsigned; division by zero gives 0.
    Div,
    /// `s/=`, signed; division by zero gives 0.
    Sdiv,
    /// `|=`
    Or,
    /// `&=`
    And,
    /// `<<=`; only the lower 5 or 6 bits of the count are used.
    Lsh,
    /// `>>=`, filling with zeros.
    Rsh,
    /// `%=`, unsigned; modulo zero leaves the destination.
    Mod,
    /// `s%=`, signed; modulo zero leaves the destination.
    Smod,
    /// `^=`
    Xor,
    /// `=`
    Mov,
    /// `s>>=`, filling with the sign.
    Arsh,
}

/// What a sign-extending move reads and how much it writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignExtend {
    /// 8 bits to 64.
    S8ToW64,
    /// 16 bits to 64.
    S16ToW64,
    /// 32 bits to 64.
    S32ToW64,
    /// 8 bits to 32; the upper half is cleared.
    S8ToW32,
    /// 16 bits to 32; the upper half is cleared.
    S16ToW32,
}

/// A byte order that a value is converted from or to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endianness {
    /// Little endian.
    Le,
    /// Big endian, the network's order.
    Be,
}

/// The number of bits that a byte swap covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SwapBits {
    /// 16 bits.
    B16,
    /// 32 bits.
    B32,
    /// 64 bits.
    B64,
}

/// The direction of an arena pointer conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cast {
    /// From address space 1 (the arena's) to 0 (the kernel's).
    ToKernel,
    /// From address space 0 (the kernel's) to 1 (the arena's).
    ToArena,
}

/// The width of a sign-extending load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the names are Rust's own
pub enum SxSize {
    S8,
    S16,
    S32,
}

/// The width of a classic packet load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the names are Rust's own
pub enum AbsSize {
    U8,
    U16,
    U32,
}

/// The width of an atomic read-modify-write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // the names are Rust's own
pub enum AtomicSize {
    U32,
    U64,
}

impl From<AtomicSize> for Size {
    fn from(size: AtomicSize) -> Self {
        match size {
            AtomicSize::U32 => Self::U32,
            AtomicSize::U64 => Self::U64,
        }
    }
}

/// An atomic read-modify-write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AtomicOp {
    /// Adds; the old value is not wanted.
    Add,
    /// Ors; the old value is not wanted.
    Or,
    /// Ands; the old value is not wanted.
    And,
    /// Xors; the old value is not wanted.
    Xor,
    /// Adds and puts the old value into the source register.
    FetchAdd,
    /// Ors and puts the old value into the source register.
    FetchOr,
    /// Ands and puts the old value into the source register.
    FetchAnd,
    /// Xors and puts the old value into the source register.
    FetchXor,
    /// Exchanges memory and the source register.
    Xchg,
    /// Stores the source register if memory equals `r0`; the old value goes to `r0`.
    Cmpxchg,
}

/// The comparison of a conditional jump.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cond {
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `>`, unsigned
    Gt,
    /// `>=`, unsigned
    Ge,
    /// `<`, unsigned
    Lt,
    /// `<=`, unsigned
    Le,
    /// `s>`
    Sgt,
    /// `s>=`
    Sge,
    /// `s<`
    Slt,
    /// `s<=`
    Sle,
    /// `&`: some bit of the source is set in the destination.
    Set,
}

impl Cond {
    /// Every comparison.
    pub const ALL: [Self; 11] = [
        Self::Eq,
        Self::Ne,
        Self::Gt,
        Self::Ge,
        Self::Lt,
        Self::Le,
        Self::Sgt,
        Self::Sge,
        Self::Slt,
        Self::Sle,
        Self::Set,
    ];
}

/// The operand of the two-slot load: a constant, or what the loader or the kernel puts in its place.
///
/// Source: RFC 9669, section 5.4 "64-bit immediate instructions"; `BPF_PSEUDO_*` in `include/uapi/linux/bpf.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Imm64 {
    /// Kind 0: the constant itself.
    Const(u64),
    /// Kind 1: the map of a file descriptor.
    MapFd(i32),
    /// Kind 2: an address inside the only value of the array map of a file descriptor.
    MapFdValue {
        /// The map's file descriptor.
        fd: i32,
        /// The offset in bytes into the value.
        off: i32,
    },
    /// Kind 3: a variable of the kernel or of a module by its BTF id.
    BtfId {
        /// The BTF id of the variable.
        id: i32,
        /// The file descriptor of the module's BTF, 0 for the kernel.
        module_fd: i32,
    },
    /// Kind 4: the address of a function of the program, for callbacks. Counts slots from the slot after the *first* of the
    /// two slots.
    Func(i32),
    /// Kind 5: a map by its index in the loader's `fd_array`; in a [`Program`](crate::Program), in its list of maps.
    MapIdx(i32),
    /// Kind 6: as kind 2, by index as kind 5.
    MapIdxValue {
        /// The map's index.
        idx: i32,
        /// The offset in bytes into the value.
        off: i32,
    },
}

impl Insn {
    /// The number of 8-byte slots: 2 for `ld_imm64`, else 1.
    pub const fn slots(&self) -> usize {
        match self {
            Self::LoadImm64 { .. } => 2,
            _ => 1,
        }
    }

    /// The distance that a jump goes, in slots from the slot after it; `None` if it's no jump.
    pub const fn jump_offset(&self) -> Option<i32> {
        match *self {
            Self::Goto { off } | Self::MayGoto { off } | Self::JumpIf { off, .. } => Some(off as i32),
            Self::GotoLong { off } => Some(off),
            _ => None,
        }
    }

    /// Whether the instruction after it may be the next one: not after an exit or an unconditional jump.
    pub const fn falls_through(&self) -> bool {
        !matches!(self, Self::Exit | Self::Goto { .. } | Self::GotoLong { .. } | Self::GotoRegister { .. })
    }
}
