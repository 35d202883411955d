//! The domain of numbers: known bits, and signed and unsigned ranges of the 64-bit register and of its lower half, all
//! kept in step.

mod alu;
mod branch;
mod reading;
#[cfg(test)]
mod small_widths;
mod span;
mod spans;
mod tnum;
mod value;

pub use alu::Binary;
pub use branch::{Comparison, Refined, constant, decide, flipped, refine, refine_same};
pub use reading::{Reading, Word};
pub use span::Span;
pub use tnum::Tnum;
pub use value::Scalar;
