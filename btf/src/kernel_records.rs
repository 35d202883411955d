//! BTF in the form that the kernel takes it with a program.

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
