//! `struct bpf_cgroup_dev_ctx`, the context of `cgroup_device` programs.

use super::{Context, Field, Sizes, context};
use crate::{KernelVersion, ProgType, ProgTypes};

const fn v(major: u16, minor: u16) -> KernelVersion {
    KernelVersion::new(major, minor)
}

const DEVICE: ProgTypes = ProgTypes::of(&[ProgType::CgroupDevice]);

const fn number(name: &'static str, offset: u32, since: KernelVersion) -> Field {
    Field::number(name, offset, since).read_by(DEVICE)
}

context! {
    /// `struct bpf_cgroup_dev_ctx`.
    BPF_CGROUP_DEV_CTX = Context::named("bpf_cgroup_dev_ctx") => {
        /// What is done to which kind of device: `BPF_DEVCG_ACC_*` in the upper half, `BPF_DEVCG_DEV_*` in the lower.
        ACCESS_TYPE = number("access_type", 0, v(4, 15));
        /// The device's major number.
        MAJOR = number("major", 4, v(4, 15)).sized(4, Sizes::WholeSigned);
        /// The device's minor number.
        MINOR = number("minor", 8, v(4, 15)).sized(4, Sizes::WholeSigned);
    }
}
