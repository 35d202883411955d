#![doc = include_str!("../README.md")]
//!
//! # What is here
//!
//! - [`load`] loads programs: what the kernel answers, its error number and the verifier's log.
//! - [`xdp`] loads an object file, attaches its program to an interface and keeps it there; [`pin`] keeps it beyond the
//!   end of the process.
//! - [`map`] and [`ring_buffer`] are the data that a program shares with user space.
//! - [`privilege`] says what this process may do, [`netns`] makes a throw-away network to try programs in.
//! - [`sys`] is `bpf(2)` itself.
//!
//! # Sources
//!
//! The kernel's UAPI headers (`include/uapi/linux/bpf.h`, `if_link.h`, `rtnetlink.h`, `if_tun.h`, `capability.h` and others,
//! each named where it's used); its source for what a call answers, where a comment names the file. No code was taken from it.

pub mod code;
mod errno;
pub mod interface;
pub mod load;
pub mod map;
mod map_cache;
pub mod netns;
pub mod pin;
pub mod privilege;
pub mod ring_buffer;
pub mod sys;
pub mod value;
pub mod xdp;

pub use errno::Errno;
