//! What programs, maps and functions are as BTF. The format itself is [`knockwright_btf`]'s.

mod layout;
pub(crate) mod map;
pub(crate) mod signature;

pub use knockwright_btf::{
    Btf, BtfError, Builder, Enumerator, Ext, Field, FuncRecord, IntEncoding, Kind, LineRecord, Linkage,
    Param, SectionRecords, Slot, TypeId, is_kernel_typedef,
};
pub use layout::{LayoutError, add_layout};
pub(crate) use layout::{check_identifier, checked_size_of};
