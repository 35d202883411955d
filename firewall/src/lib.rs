#![doc = include_str!("../README.md")]
//!
//! # What is here
//!
//! - [`door`] is what is guarded, [`config`] reads it from a TOML file and says everything that is wrong or risky in it.
//! - [`service`] loads the program, fills its configuration, attaches it and follows its events, which [`lost`] counts
//!   where there was no room; [`signals`] ends that in order.
//! - [`pins`] is what a service leaves in the kernel: its pins, who holds them, how to remove them; [`status`] reads them.
//! - [`client`] knocks.
//!
//! The BPF program is that of [`knockwright_programs::knock`].
//!
//! # Sources
//!
//! RFC 3339 for times. Knocking on ports is an old idea; the program and its user space were written here. No code was taken
//! from the kernel.

pub mod client;
pub mod config;
pub mod door;
pub mod duration;
pub mod event;
pub mod lost;
pub mod pins;
pub mod service;
pub mod signals;

pub mod status;
