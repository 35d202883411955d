//! BPF programs written in Rust, and the types that they share with user space.
//!
//! - [`knock`]: the port-knocking firewall;
//! - [`examples`]: three small programs that teach.

pub mod examples;
pub mod knock;
pub mod net;
