//! Real kernels as engines: a program goes in, the kernel's own verdict comes out with its log.
//!
//! - [`HostEngine`] is the running kernel.
//! - [`QemuEngine`] boots a kernel in QEMU for each batch of programs: no root, no KVM.
//! - [`wanted`] turns what a user names (`host`, `6.12`, `all`) into engines; [`cache`] and [`fetch`](mod@fetch) keep and get
//!   the kernels for that.
//!
//! What an engine is, and what verdicts are made of, is in `knockwright-verifier`.
//!
//! # Sources
//!
//! `Documentation/driver-api/early-userspace/buffer-format.rst` of the kernel for what a guest boots from,
//! `include/uapi/linux/stat.h` for modes. Kernels are fetched as packages of Debian and never become part of this package. No
//! code was taken from them.

pub mod cache;
pub mod fetch;
mod host;
pub mod qemu;
pub mod wanted;

pub use cache::{Cache, CachedKernel};
pub use host::{HostEngine, possible_cpus};
pub use qemu::QemuEngine;
pub use wanted::{KernelsError, Wanted, engines, image, images};
