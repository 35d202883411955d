//! `struct bpf_sysctl`, the context of `cgroup_sysctl` programs.

use super::{Context, Field, context};
use crate::{KernelVersion, ProgType, ProgTypes};

const fn v(major: u16, minor: u16) -> KernelVersion {
    KernelVersion::new(major, minor)
}

const SYSCTL: ProgTypes = ProgTypes::of(&[ProgType::CgroupSysctl]);

const fn number(name: &'static str, offset: u32, since: KernelVersion) -> Field {
    Field::number(name, offset, since).read_by(SYSCTL)
}

context! {
    /// `struct bpf_sysctl`.
    BPF_SYSCTL = Context::named("bpf_sysctl").standing_for("bpf_sysctl_kern") => {
        /// Whether the setting is written, not read.
        WRITE = number("write", 0, v(5, 2));
        /// The place in the file at which it's read or written.
        FILE_POS = number("file_pos", 4, v(5, 2)).written_by(SYSCTL);
    }
}
