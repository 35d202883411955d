//! The catalogue of verifier errors as lessons.

#![forbid(unsafe_code)]

mod engine;

pub use engine::CaseVerifier;
