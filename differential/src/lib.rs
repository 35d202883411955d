#![doc = include_str!("../README.md")]
//!
//! # What is here
//!
//! - [`generate`] makes programs, [`compare`](mod@compare) asks both about them, [`shrink`](mod@shrink) makes one small,
//!   [`fuzz`] does all of it; [`feature`] says what a program contains.
//! - [`sweep`] asks about each helper's arguments, [`witness`] finds programs that a rule decides, [`kept`] reads and writes
//!   programs with their verdicts.
//!
//! # Sources
//!
//! The kernel's answers to the programs made here; `tests/data/` keeps some, with the logs. The programs are drawn at random.
//! No code was taken from the kernel.

pub mod compare;
pub mod feature;
pub mod fuzz;
pub mod generate;
pub mod kept;
pub mod random;
pub mod shrink;
pub mod sweep;
pub mod witness;
