#![doc = include_str!("../README.md")]
//!
//! # What is here
//!
//! A [`Case`] is a program with the verdict that each kernel gives it, and its twin. The [`catalogue`] has them by class of error.
//! An [`Engine`](knockwright_verifier::Engine) is what verifies programs: our own verifier in user space, or a real kernel.
//!
//! - [`run`](mod@run) compares what an engine says with what is expected, [`matrix`] does so on many kernels, [`report`]
//!   writes it down.
//! - [`article`] sets the lines of the article's two logs beside the live ones.
//! - [`record`](mod@record) keeps whole logs, [`packed`] has those that come with the library, [`recorded`] holds live ones against
//!   them, [`diff`](mod@diff) tells what changed between two kernels.
//! - [`words`] has what messages share: the name that was meant, plurals.
//! - [`objects`] takes a user's own object to several kernels.
//! - [`trial`] is for programs that are made when a test runs; [`build_script`] makes a test of each object in a folder.
//!
//! Other crates can have cases of their own: `docs/cases-of-your-own.md` shows how.
//!
//! # Sources
//!
//! The programs are our own, and those of [`article`] are made from an article's logs (`NOTICE` names it). The logs in `logs/`
//! are what eleven kernels wrote of these programs. No code was taken from the kernel.

pub mod article;
pub mod build_script;
pub mod case;
pub mod catalogue;
pub mod diff;
pub use knockwright_linux::errno;
pub mod expectation;
pub mod kernel_range;
pub mod list;
pub mod matrix;
pub mod objects;
pub mod packed;
pub mod record;
pub mod recorded;
pub mod register_state;
pub mod report;
pub mod run;
pub mod trial;
pub mod words;

pub use case::{Body, Case, Class, Twin};
pub use knockwright_verifier::Privilege;
