#![doc = include_str!("../README.md")]
//!
//! # Sources
//!
//! Logs of Linux 5.10 to 7.3, recorded in `verifier-cases/` or asked for by the tests, and what loaders put around them; SARIF
//! 2.1.0 (OASIS) for that format. No code was taken from the kernel.

#![forbid(unsafe_code)]

mod analysis;
mod class;
mod counted;
mod derivation;
mod diagnosis;
mod explain;
mod fields;
mod groups;
mod guard;
mod holds;
mod intake;

mod numbers;
mod path;
mod reading;
pub mod render;
mod ruler;
mod slice;
mod trace;

pub use class::{Blame, Class, Place, Remedy};
pub use derivation::{Derivation, DerivationStep};
pub use diagnosis::{
    Cause, Diagnosis, Explanation, Field, Guard, Measured, Ruler, Stricter, Trace, TraceRegister, TraceStep,
};
pub use explain::{Explainer, Explanations};
pub use groups::Groups;
pub use guard::Checker;
pub use reading::{KernelEvent, KernelWords, LogLine, LogText, SourceText, UnknownLines};
