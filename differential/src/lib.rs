//! Random programs through a kernel's verifier and the user-space one, compared line by line.

pub mod compare;
pub mod feature;
pub mod fuzz;
pub mod generate;
pub mod kept;
pub mod random;
pub mod shrink;
pub mod sweep;
pub mod witness;
