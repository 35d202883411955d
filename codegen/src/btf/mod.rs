//! What programs, maps and functions are as BTF. The format itself is [`knockwright_btf`]'s.

pub(crate) mod map;
pub(crate) mod signature;

pub(crate) use knockwright_asm::layout::check_identifier;
pub use knockwright_asm::layout::{LayoutError, add_layout};
pub use knockwright_btf::{
    Btf, BtfError, Builder, CoreKind, CoreRecord, Endian, Enumerator, Ext, Field, FuncRecord, IntEncoding,
    KernelTypes, Kind, LineRecord, Linkage, Param, SectionRecords, SectionVar, TypeId, core,
};
