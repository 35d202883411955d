#![doc = include_str!("../README.md")]
//!
//! # What is here
//!
//! - [`HostEngine`] is the running kernel.
//! - [`QemuEngine`] boots a kernel in QEMU for each batch of programs: no root, no KVM.
//! - [`wanted`] turns what a user names (`host`, `6.12`, `all`) into engines; [`cache`] and [`fetch`](mod@fetch) keep and get
//!   the kernels for that.
//! - [`facts`] are what programs ask of a kernel by name: its release, its configuration, its symbols.
//! - [`texts`] are the messages that a kernel's verifier can print, found in its image.
//! - [`types`] are what a program is relocated by, for each of them.
//!
//! # Sources
//!
//! `Documentation/driver-api/early-userspace/buffer-format.rst` of the kernel for what a guest boots from,
//! `Documentation/arch/x86/boot.rst` for where an image has its kernel,
//! `include/uapi/linux/stat.h` for modes. Kernels are fetched as packages of Debian and never become part of this package. No
//! code was taken from them.

pub mod cache;
pub mod facts;
pub mod fetch;
mod functions;
mod host;
mod older;
pub mod qemu;
pub mod texts;
pub mod types;
pub mod wanted;

pub use cache::{Cache, CachedKernel};
pub use host::{HostEngine, nr_cpu_ids};
pub use qemu::QemuEngine;
pub use wanted::{KernelsError, Wanted, engines, image, image_like, images};
