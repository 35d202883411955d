//! Relocatable BPF ELF objects with BTF and line information, written and read back.
//!
//! A finished [`Program`](knockwright_asm::Program) goes in, the bytes of an object come out that aya, libbpf (bpftool,
//! `ip`, xdp-loader) and cilium/ebpf load unchanged: [`elf::Object`] writes it. [`read::programs`] goes the other way,
//! from an object (ours or clang's) to programs, and [`inspect::Report`] shows what an object holds. [`btf`] is the type
//! format that both need. [`build_script::emit`] writes an object from a build script.
//!
//! Nothing here asks a kernel anything: the crate works on any operating system.

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
pub use kernel_records::kernel_records;
pub use knockwright_btf::KernelRecords;
pub use read::ReadError;

/// The chapter on writing programs: its examples are tests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/assembler.md")]
pub struct AssemblerChapter;
