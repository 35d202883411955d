#![doc = include_str!("../README.md")]
//!
//! # What may grow
//!
//! Lists of names (helpers, types of programs and maps) and rows get more with each kernel, and are `non_exhaustive`. What a
//! column of a row may say ([`helper::Argument`], [`context::Holds`] and the like) is matched whole: a verifier that doesn't
//! know a kind of argument is not to compile.
//!
//! # Sources
//!
//! The kernel's UAPI headers for names and numbers (`include/uapi/linux/bpf.h`, `include/uapi/asm-generic/errno-base.h` and
//! `errno.h`); its documentation of helpers; its source for which program may do what, as the head of each file names it; the
//! BTF of eleven kernels, and their answers to calls of each helper and kernel function, which `tests/` keeps and asks for
//! again. What was taken are facts: names, numbers and who may use them. No code was.

pub mod attach_type;
pub mod context;
pub mod errno;
pub mod helper;
pub mod kfunc;
pub mod limits;
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
pub use sets::{AttachTypes, MapTypes, ProgTypes};
pub use uapi::UnknownName;
pub use version::{KernelVersion, NoVersion, SERIES};
