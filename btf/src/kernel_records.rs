//! BTF in the form that the kernel takes it with a program and its maps.

use crate::kind::TypeId;

/// The arguments `prog_btf_fd` (once loaded), `func_info` and `line_info` of `BPF_PROG_LOAD`, in the machine's byte order.
///
/// Source: `include/uapi/linux/bpf.h`, `struct bpf_func_info` and `struct bpf_line_info`: offsets count slots, not bytes.
///
/// Exhaustive by design: whoever has the bytes names each of the three.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KernelRecords {
    /// The types and strings, for `BPF_BTF_LOAD`: header `struct btf_header` and what follows it.
    pub btf: Vec<u8>,
    /// `struct bpf_func_info` records of 8 bytes, one a function; may be empty.
    pub func_info: Vec<u8>,
    /// `struct bpf_line_info` records of 16 bytes, one a source line; may be empty.
    pub line_info: Vec<u8>,
}

impl KernelRecords {
    /// `sizeof(struct bpf_func_info)`.
    pub const FUNC_INFO_SIZE: usize = 8;
    /// `sizeof(struct bpf_line_info)`.
    pub const LINE_INFO_SIZE: usize = 16;
}

/// The arguments `btf_key_type_id` and `btf_value_type_id` of `BPF_MAP_CREATE`: numbers in the BTF that the program is loaded
/// with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct MapTypes {
    /// The type of the keys; `void` for contents of a program's own, which have none.
    pub key: TypeId,
    /// The type of the values.
    pub value: TypeId,
    /// Those of the maps in it, of a map of maps.
    pub inner: Option<Box<MapTypes>>,
}

impl MapTypes {
    /// No types: what a map of maps has itself.
    pub const NONE: Self = Self { key: TypeId::VOID, value: TypeId::VOID, inner: None };

    /// The types of keys and values.
    pub const fn new(key: TypeId, value: TypeId) -> Self {
        Self { key, value, inner: None }
    }

    /// The same with those of the maps in it.
    #[must_use]
    pub fn with_inner(self, inner: impl Into<Option<MapTypes>>) -> Self {
        Self { inner: inner.into().map(Box::new), ..self }
    }

    /// Whether keys or values have a type.
    pub fn is_typed(&self) -> bool {
        self.key != TypeId::VOID || self.value != TypeId::VOID
    }
}
