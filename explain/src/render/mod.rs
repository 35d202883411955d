//! Diagnoses for people and programs.

pub mod text;
