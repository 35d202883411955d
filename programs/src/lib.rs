#![doc = include_str!("../README.md")]
//!
//! # What is here
//!
//! - [`knock`]: the port-knocking firewall;
//! - [`article`]: the two faults of an article on verifier errors, and their repairs;
//! - [`classic`]: filters of classic BPF, as tcpdump prints them, as eBPF programs;
//! - [`policy`]: a packet filter of thousands of rules, as code;
//! - [`examples`]: three small programs that teach.
//!
//! # Sources
//!
//! RFC 768, 791, 8200 and 9293 and the others that comments name, and IEEE 802 numbers, for packets; `include/uapi/linux/bpf.h`
//! for what XDP does with them. [`article`] carries lines of C and messages that an article quotes from its program, as the
//! source lines of its logs: `NOTICE` at the top of the repository names them. No other code was taken.

pub mod article;
pub mod classic;
pub mod examples;
pub mod knock;
pub mod net;
pub mod policy;

/// Nanoseconds in a millisecond.
const NS_PER_MS: i32 = 1_000_000;
