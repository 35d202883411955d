#![doc = include_str!("../README.md")]
//!
//! # What is here
//!
//! [`walk`] goes through a lesson in a terminal, [`book`] makes pages of all of them.
//!
//! # Sources
//!
//! The cases, the logs that kernels wrote of them, and the explainer. No code was taken from the kernel.

#![forbid(unsafe_code)]

pub mod book;
mod chapters;
mod course;
mod in_c;
mod languages;
mod lesson;
mod picture;
pub mod walk;

pub use chapters::{CHAPTERS, Chapter, Level};
pub use course::COURSE;
pub use in_c::{Code, IN_C, InC, Never};
pub use lesson::{Exercise, KERNEL, Lesson, Side, lesson, lessons};
