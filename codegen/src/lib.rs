#![doc = include_str!("../README.md")]
//!
//! # What is here
//!
//! [`elf::Object`] writes a [`Program`](knockwright_asm::Program). [`read::programs`] goes the other way, and
//! [`inspect::Report`] shows what an object holds. [`btf`] is the type format that both need. [`build_script::emit`] writes an
//! object from a build script.
//!
//! # Sources
//!
//! The ELF specification and the machine number of BPF, RFC 9669 and the kernel's `Documentation/bpf/btf.rst` for sections,
//! relocations and types; objects that clang writes, and what libbpf, bpftool, `ip`, aya and xdp-loader do with ours, for what
//! loaders agree on; `kernel/bpf/btf.c` and `kernel/bpf/verifier.c` for what of an object matters to kernels, where a comment
//! says so. No code was taken from them.

pub mod btf;
pub mod build_script;
pub mod elf;
mod elf_file;
pub mod inspect;
mod kernel_records;
pub mod read;
pub mod section_name;

pub use elf::{Object, WriteError};
pub use inspect::Report;
pub use kernel_records::{kernel_records, kernel_records_and_map_types};
pub use knockwright_btf::KernelRecords;
pub use read::ReadError;

/// The chapter on writing programs: its examples are tests.
#[cfg(doctest)]
#[doc = include_str!("../docs/assembler.md")]
pub struct AssemblerChapter;
