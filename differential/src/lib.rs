//! Random programs through a kernel's verifier and the user-space one, compared line by line.
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
