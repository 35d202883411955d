//! Real kernels as engines: a program goes in, the kernel's own verdict comes out with its log.
//!
//! - [`HostEngine`] is the running kernel.
//! - [`QemuEngine`] boots a kernel in QEMU for each batch of programs: no root, no KVM.
//! - [`wanted`] turns what a user names (`host`, `6.12`, `all`) into engines; [`cache`] and [`fetch`](mod@fetch) keep and get
//!   the kernels for that.
//!
//! What an engine is, and what verdicts are made of, is in `knockwright-verifier`.

pub mod cache;
pub mod fetch;
mod host;
pub mod qemu;
pub mod wanted;

pub use cache::{Cache, CachedKernel};
pub use host::{HostEngine, possible_cpus};
pub use qemu::QemuEngine;
pub use wanted::{KernelsError, Wanted, engines, image};
