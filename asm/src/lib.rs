#![doc = include_str!("../README.md")]
//!
//! # What is here
//!
//! [`Asm`] writes a [`Program`], [`typed::Typed`] does so with guards; [`encode`] and [`decode`] are its bytes, [`text`] is its
//! syntax, [`isa`] the table of instructions. For those who generate code: [`Scope`] is what a piece of it may write, [`parts`]
//! makes several programs of one that's too long, [`rust_source`] is a program to embed.
//!
//! # Sources
//!
//! RFC 9669 for the instructions, their encoding and the calling convention; `include/uapi/linux/bpf.h` for what it leaves to
//! Linux; the lines that kernels print in the verifier's log for the syntax, which the package's tests ask the running kernel
//! for again. No code was taken from the kernel.

mod builder;
mod embed;
pub mod insn;
pub mod isa;
pub mod layout;
pub mod opcode;
pub mod parts;
mod print;
mod program;
mod reg;
mod sentence;
mod slot;
mod table;
pub mod text;
pub mod typed;
mod types;

pub use builder::{
    Asm, AsmError, AsmErrors, Condition, FnRef, Label, Lower, MapRef, Mem, Scope, SourceFile, StackWindow,
};
pub use embed::rust_source;
pub use insn::{
    AbsSize, AluOp, AtomicOp, AtomicSize, Cast, Cond, Endianness, Imm64, Insn, SignExtend, Source, SwapBits,
    SxSize,
};
pub use isa::{IsaLevel, KernelVersion};
pub use knockwright_btf::{self as btf, Endian, TypeRef};
pub use knockwright_linux::{self as linux, Helper, HelperId, MapType, ProgType, UnknownName, helper, uapi};
pub use layout::{BpfType, IntType, Member, StructType, Type};
pub use print::{Names, NoNames};
pub use program::{Code, Function, Item, Linkage, MapDef, Place, Program, SourceLine};
pub use reg::{Reg, RegSet, Size, Width};
pub use slot::{CodeError, Slot, decode, decode_hex, encode};
pub use types::{DataType, Extent, Extern, ExternKind, Param, Prototype, Tag};
