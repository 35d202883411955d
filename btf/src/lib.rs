#![doc = include_str!("../README.md")]
//!
//! # What is here
//!
//! [`Builder`] collects types and strings, each once, and writes the section; [`Btf`] reads it. [`Ext`] is the other
//! section, [`TypeRef`] one type of some BTF as a value. [`core`] finds what the types of an object are on a kernel. The order of
//! calls alone decides the bytes, so the same input gives the same section.
//!
//! # Sources
//!
//! `Documentation/bpf/btf.rst` and `include/uapi/linux/btf.h` of the kernel for the format; `include/uapi/linux/bpf.h` for the
//! records that a load takes; libbpf 1.7 (`src/relo_core.c`) for what its relocations come to; `kernel/bpf/btf.c` for which names and depths kernels take, where a comment says so. No code was
//! taken from them.

mod builder;
mod bytes;
pub mod core;
mod declaration;
mod endian;
mod ext;
mod format;
mod import;
mod kernel_records;
mod kind;
mod numbers;
mod parse;
mod records;
mod same;
mod special;
mod type_ref;

pub use builder::Builder;
pub use core::{CoreError, CoreKind, CoreRecord, KernelTypes, Relocator, Resolution};
pub use endian::Endian;
pub use ext::{Ext, FuncRecord, LineRecord, SectionRecords};
pub use kernel_records::{KernelRecords, MapTypes};
pub use kind::{Enumerator, Field, IntEncoding, Kind, Linkage, Param, SectionVar, TypeId};
pub use numbers::is_identifier;
pub use parse::{Btf, BtfError};
pub use special::SpecialPart;
pub use type_ref::TypeRef;
