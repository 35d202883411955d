//! BPF programs written in Rust, and the types that they share with user space.

pub mod article;
