//! What Linux is to BPF programs, by version, as data: look-ups, no logic, no system calls.
//!
//! Every question about the kernel's interface has its answer here once: the assembler names helpers with it, the
//! verifiers ask it who may call them, the explainer since when.
//!
//! ```
//! use knockwright_linux::{Helper, ProgType};
//!
//! assert_eq!(Helper::from_number(1), Some(Helper::MapLookupElem));
//! assert_eq!("xdp".parse(), Ok(ProgType::Xdp));
//! ```
//!
//! # Sources
//!
//! The kernel's UAPI headers for names and numbers (`include/uapi/linux/bpf.h`, `include/uapi/asm-generic/errno-base.h` and
//! `errno.h`); its documentation of helpers; its source for which program may do what, as the head of each file names it; the
//! BTF of eleven kernels, and their answers to calls of each helper and kernel function, which `tests/` keeps and asks for
//! again. What was taken are facts: names, numbers and who may use them. No code was.

mod attach_type;
pub mod context;
pub mod errno;
pub mod helper;
pub mod kfunc;
pub mod map_type;
pub mod prog_type;
pub mod release;
pub mod section;
mod sets;
pub mod uapi;
mod version;

pub use attach_type::AttachType;
pub use context::Context;
pub use helper::{Helper, HelperId};
pub use kfunc::Kfunc;
pub use map_type::MapType;
pub use prog_type::ProgType;
pub use sets::{MapTypes, ProgTypes};
pub use uapi::UnknownName;
pub use version::{KernelVersion, NoVersion, SERIES};
