//! BPF programs written in Rust, and the types that they share with user space.
//!
//! - [`knock`]: the port-knocking firewall;
//! - [`article`]: the two faults of an article on verifier errors, and their repairs;
//! - [`examples`]: three small programs that teach.

pub mod article;
pub mod examples;
pub mod knock;
pub mod net;
