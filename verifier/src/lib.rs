//! The Linux verifier in user space: its verdict on a program and its log, byte for byte.
//!
//! Nothing here makes a system call: the verdict is the same on any machine. What isn't modelled gives
//! [`Outcome::Unsupported`] with its name, never a guess.

#![forbid(unsafe_code)]

mod btf;
mod check;
mod explore;
pub mod log;
mod options;
mod profile;
mod program;
pub mod scalar;
mod state;
mod stop;
mod verdict;

pub use btf::BtfError;
pub use options::Options;
pub use profile::{Profile, Rules};
pub use program::{FunctionInfo, Line, MapInfo, Subject};
pub use verdict::{Outcome, Verdict, Verifier};
