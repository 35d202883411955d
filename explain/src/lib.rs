//! From a log of the Linux BPF verifier to the cause, the numbers and the guard that would pass.
//!
//! Logs of Linux 5.10 to 7.3 at level 1 or 2, from any loader, with prefixes, colours or wrapped lines. Reading streams, so
//! a log of gigabytes needs no more memory than the path that failed.
//!
//! ```
//! use knockwright_explain::{Class, Explainer};
//!
//! let log = "\
//! 5: (85) call bpf_map_lookup_elem#1    ; R0=map_value_or_null(id=1,map=m,ks=4,vs=8)
//! 6: (79) r0 = *(u64 *)(r0 +0)
//! R0 invalid mem access 'map_value_or_null'
//! processed 6 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
//! ";
//! let explained = Explainer::new().explain(log.as_bytes()).unwrap();
//! let diagnosis = &explained.logs[0].diagnosis;
//! assert_eq!((diagnosis.class, diagnosis.insn), (Class::MapValueOrNull, Some(6)));
//! assert_eq!(diagnosis.guard.as_ref().unwrap().condition, "r0 != 0");
//! ```
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
mod guard;
mod intake;

mod numbers;
mod path;
mod reading;
pub mod render;
mod slice;
mod trace;

pub use class::{Blame, Class, Place};
pub use derivation::{Derivation, DerivationStep};
pub use diagnosis::{
    Cause, Diagnosis, Explanation, Field, Guard, Ruler, Stricter, Trace, TraceRegister, TraceStep,
};
pub use explain::{Explainer, Explanations};
pub use guard::Checker;
pub use reading::{KernelEvent, KernelWords, SourceText, UnknownLines};
