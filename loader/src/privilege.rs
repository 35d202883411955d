//! What this process may do: capabilities, and whether the kernel lets it load programs.

use std::fmt;

use knockwright_asm::linux::errno;
use knockwright_asm::{KernelVersion, ProgType, opcode};
use rustix::process::{Resource, Rlimit, setrlimit};
use rustix::thread::CapabilitySet;

use crate::errno::Errno;
use crate::sys::{LogBuffer, ProgLoad, SysError, prog_load};

/// The effective capabilities that matter for BPF, `include/uapi/linux/capability.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Capabilities {
    /// `CAP_NET_ADMIN`: network program types and attaching to interfaces.
    pub net_admin: bool,
    /// `CAP_SYS_ADMIN`: everything, on kernels before 5.8 the only one that counts; listing all programs on every kernel.
    pub sys_admin: bool,
    /// `CAP_PERFMON`: pointers in the log, tracing, no Spectre barriers in the code. Kernel 5.8 or newer.
    pub perfmon: bool,
    /// `CAP_BPF`: loading programs and creating maps. Kernel 5.8 or newer.
    pub bpf: bool,
}

impl Capabilities {
    /// Those of the calling thread, from `/proc/thread-self/status`; none if it can't be read.
    pub fn current() -> Self {
        let status = std::fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
        Self::from_status(&status)
    }

    fn from_status(status: &str) -> Self {
        let mask = status
            .lines()
            .find_map(|line| line.strip_prefix("CapEff:"))
            .and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok());
        let held = mask.map_or(CapabilitySet::empty(), CapabilitySet::from_bits_retain);
        Self {
            net_admin: held.contains(CapabilitySet::NET_ADMIN),
            sys_admin: held.contains(CapabilitySet::SYS_ADMIN),
            perfmon: held.contains(CapabilitySet::PERFMON),
            bpf: held.contains(CapabilitySet::BPF),
        }
    }

    /// Whether they are enough for loading network programs.
    pub fn may_load(&self) -> bool {
        self.sys_admin || self.bpf && self.net_admin
    }
}

impl fmt::Display for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (self.bpf, "CAP_BPF"),
            (self.net_admin, "CAP_NET_ADMIN"),
            (self.perfmon, "CAP_PERFMON"),
            (self.sys_admin, "CAP_SYS_ADMIN"),
        ];
        let held: Vec<&str> = names.iter().filter(|(held, _)| *held).map(|(_, name)| *name).collect();
        if held.is_empty() {
            f.write_str("none of CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON, CAP_SYS_ADMIN")
        } else {
            f.write_str(&held.join(", "))
        }
    }
}

/// Why programs can't be loaded here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CannotLoad {
    /// The capabilities are missing.
    #[error("loading programs needs CAP_BPF and CAP_NET_ADMIN, this process has {0}; run as root")]
    Capabilities(Capabilities),
    /// The capabilities are there, and yet the kernel refuses: a container's filter, lockdown, or no BPF in the kernel.
    #[error(
        "the kernel refuses even the smallest program: {0}; is this a container or a kernel without bpf(2)?"
    )]
    Refused(SysError),
}

/// Finds out whether programs can be loaded, by loading the smallest one: a capability in a user namespace or a container
/// looks real and may not be.
///
/// # Errors
/// [`CannotLoad`] with the reason.
pub fn can_load() -> Result<(), CannotLoad> {
    lift_memlock();
    let load = ProgLoad {
        prog_type: ProgType::Xdp.number(),
        insns: &PASS,
        license: "GPL",
        name: "can_load",
        flags: 0,
        log_level: 0,
        expected_attach_type: 0,
        attach_btf_id: 0,
        btf: None,
        func_info: &[],
        line_info: &[],
    };
    match prog_load(&load, &mut LogBuffer::new(0)) {
        Ok(_) => Ok(()),
        Err(refused) => {
            let held = Capabilities::current();
            if refused.error.errno == Errno(errno::EPERM) && !held.may_load() {
                Err(CannotLoad::Capabilities(held))
            } else {
                Err(CannotLoad::Refused(refused.error))
            }
        }
    }
}

/// `r0 = 2; exit`.
const PASS: [u8; 16] = [opcode::MOV64_K, 0, 0, 0, 2, 0, 0, 0, opcode::EXIT, 0, 0, 0, 0, 0, 0, 0];

/// The running kernel's release, such as `6.12.117+deb12-amd64`.
pub fn kernel_release() -> String {
    rustix::system::uname().release().to_string_lossy().into_owned()
}

/// The running kernel's version; `None` if its release doesn't begin with one.
pub fn kernel_version() -> Option<KernelVersion> {
    KernelVersion::of_release(&kernel_release())
}

/// Lifts `RLIMIT_MEMLOCK` where maps count against it: on kernels before 5.11. Elsewhere, and where it's not permitted,
/// nothing happens; the map creation then says `EPERM`.
pub fn lift_memlock() {
    if kernel_version().is_some_and(|version| version < KernelVersion::new(5, 11)) {
        let unlimited = Rlimit { current: None, maximum: None };
        let _ = setrlimit(Resource::Memlock, unlimited);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_capability_masks() {
        let root = Capabilities::from_status("Name:\tx\nCapEff:\t000001ffffffffff\n");
        assert!(root.may_load() && root.perfmon);
        let some = Capabilities::from_status("CapEff:\t0000008000001000\n");
        assert_eq!(some.to_string(), "CAP_BPF, CAP_NET_ADMIN");
        assert!(some.may_load());
        assert!(!Capabilities::from_status("").may_load());
        // CAP_BPF alone loads no network program, and CAP_NET_ADMIN alone no program at all.
        for one in ["0000008000000000", "0000000000001000", "0000004000001000", "000000c000000000"] {
            assert!(!Capabilities::from_status(&format!("CapEff:\t{one}\n")).may_load(), "{one}");
        }
        assert!(Capabilities::from_status("CapEff:\t0000000000200000\n").may_load());
        assert!(Capabilities::default().to_string().starts_with("none of"));
    }

    #[test]
    fn the_running_kernel_has_a_version() {
        assert!(kernel_version().unwrap() >= KernelVersion::new(5, 4));
    }
}
