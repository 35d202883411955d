//! The user-space verifier against the running kernel: random programs, comparison, and what is left of a mismatch when
//! everything that doesn't matter is taken away.

pub mod compare;
pub mod generate;
pub mod random;
pub mod shrink;
