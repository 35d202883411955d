#![doc = include_str!("../README.md")]
//!
//! # What is here
//!
//! An [`Attempt`] is put to an [`Engine`], which gives a [`Verdict`]. The [`Verifier`] of this crate is one engine; those that ask a
//! real kernel are in `knockwright-kernels`. In tests [`assert_accepted`] asks it. [`batch`] does so for many programs, a line of JSON each, and [`log_tail`] reads what
//! the end of a kernel's log says. [`log`] and [`message`] are the log's lines and the messages in them.
//!
//! # Sources
//!
//! `docs/verifier-rules.md` says what the verifier goes by, in words and as sets of values; logs that kernels wrote hold it.
//! Besides: `Documentation/bpf/verifier.rst` and `Documentation/admin-guide/hw-vuln/spectre.rst` of the kernel, its UAPI
//! headers, RFC 9669, and Vishwanathan et al., "Sound, Precise, and Fast Abstract Interpretation with Tristate Numbers", CGO
//! 2022. Where a comment names a file or a function of the kernel, a fact was looked up there. What the kernel prints is
//! printed as the kernel does, since that's what the package is for; how it's found is written here. No code was taken from the
//! kernel.

#![forbid(unsafe_code)]

pub mod annotation;
mod assertion;
mod attempt;
pub mod batch;
mod btf;
mod check;
mod engine;
mod explore;
pub mod log;
mod machine;
pub mod message;
mod options;
mod profile;
mod program;
pub mod scalar;
mod state;
mod stop;
mod structure;
mod transfer;
mod verdict;
mod verifier;

pub use assertion::{Accepted, assert_accepted, assert_accepted_by};
pub use attempt::{Attempt, Privilege};
pub use engine::{Engine, EngineError, KernelId};
pub use knockwright_asm::text::log_tail;
pub use profile::{Profile, Rules};
pub use verdict::{Outcome, Verdict};
pub use verifier::{MODELLED, Verifier};
