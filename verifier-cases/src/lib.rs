//! What the kernel's verifier accepts and rejects, to the instruction, by kernel version.
//!
//! A [`Case`] is a program with the verdict that each kernel gives it, and its twin: the nearest program with the other
//! verdict. The [`catalogue`] has them by class of error. An [`Engine`](engine::Engine) is what verifies programs: the
//! running kernel or a kernel in [QEMU](qemu).

pub mod case;
pub mod catalogue;
pub mod engine;
pub mod errno;
pub mod expectation;
pub mod kernel_range;
mod line_info;
pub mod observation;
pub mod qemu;
pub mod register_state;

pub use case::{Body, Case, Class, Privilege, Twin};
