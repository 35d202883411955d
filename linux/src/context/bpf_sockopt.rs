//! `struct bpf_sockopt`, the context of `cgroup_sockopt` programs.

use super::{Context, Field, Holds, Sizes, context};
use crate::AttachType::{CgroupGetsockopt, CgroupSetsockopt};
use crate::{AttachType, AttachTypes, KernelVersion, ProgType, ProgTypes};

const fn v(major: u16, minor: u16) -> KernelVersion {
    KernelVersion::new(major, minor)
}

const SOCKOPT: ProgTypes = ProgTypes::of(&[ProgType::CgroupSockopt]);

const fn number(name: &'static str, offset: u32, since: KernelVersion) -> Field {
    Field::number(name, offset, since).sized(4, Sizes::WholeSigned).read_by(SOCKOPT).written_by(SOCKOPT)
}

const fn pointer(name: &'static str, offset: u32, holds: Holds, since: KernelVersion) -> Field {
    Field::pointer(name, offset, 8, holds, since).read_by(SOCKOPT)
}

/// Where an option is set.
const SET: Option<AttachTypes> = Some(AttachTypes::of(&[CgroupSetsockopt]));
/// Where an option is asked for.
const GET: &[AttachType] = &[CgroupGetsockopt];

context! {
    /// `struct bpf_sockopt`.
    BPF_SOCKOPT = Context::named("bpf_sockopt").standing_for("bpf_sockopt_kern") => {
        /// The socket.
        SK = pointer("sk", 0, Holds::Sock, v(5, 3));
        /// The option's value, which is read and written as packets are.
        OPTVAL = pointer("optval", 8, Holds::PacketStart, v(5, 3));
        /// The end of the option's value.
        OPTVAL_END = pointer("optval_end", 16, Holds::PacketEnd, v(5, 3));
        /// The level of the option: `SOL_SOCKET` and so on.
        LEVEL = number("level", 24, v(5, 3)).written_attached(SET);
        /// The option's number.
        OPTNAME = number("optname", 28, v(5, 3)).written_attached(SET);
        /// The length of the option's value, in bytes.
        OPTLEN = number("optlen", 32, v(5, 3));
        /// What the kernel says to user space: 0, or an error.
        RETVAL = number("retval", 36, v(5, 3)).attached(GET);
    }
}
