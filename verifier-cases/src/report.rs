//! Reports as text, JSON lines, JUnit and annotations.

pub mod annotations;
pub mod jsonl;
pub mod junit;
pub mod text;
