//! eBPF machine code in Rust: the instruction set as one table, an assembler with labels and source locations, and the
//! kernel's syntax printed and parsed.
//!
//! Nothing here knows a file format or a kernel: a finished [`Program`] goes to the ELF writer, to the loader or to a
//! verifier.

pub mod helper;
pub mod insn;
pub mod isa;
pub mod layout;
mod print;
mod program;
mod reg;
mod slot;
mod table;
pub mod uapi;

pub use helper::{Helper, HelperId};
pub use insn::{AluOp, AtomicOp, Cond, Imm64, Insn, Source};
pub use isa::{IsaLevel, KernelVersion};
pub use layout::{BpfType, IntType, Member, StructType, Type};
pub use print::{Names, NoNames};
pub use program::{Code, Extent, Function, Item, Linkage, MapDef, Place, Program, SourceLine};
pub use reg::{Reg, Size, Width};
pub use slot::{CodeError, Endian, Slot, decode, decode_hex, encode};
pub use uapi::{MapType, ProgType};
