//! The catalogue of verifier errors as lessons: the fault, a guess, the log, the explanation, the repair.
//!
//! [`walk`] goes through a lesson in a terminal, [`book`] makes pages of all of them. Both come from the cases, the logs
//! recorded of them, and the explainer, so neither can say what the verifier doesn't.
//!
//! # Sources
//!
//! The cases, the logs that kernels wrote of them, and the explainer. No code was taken from the kernel.

#![forbid(unsafe_code)]

pub mod book;
mod chapters;
mod lesson;
pub mod walk;

pub use chapters::{CHAPTERS, Chapter};
pub use lesson::{Exercise, KERNEL, Lesson, Side, lesson, lessons};
