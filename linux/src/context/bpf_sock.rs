//! `struct bpf_sock`: the context of `cgroup_sock` programs, and what the sockets in other contexts point to.

use super::{Context, Field, Sizes, context};
use crate::AttachType::{
    CgroupInet4PostBind, CgroupInet6PostBind, CgroupInetIngress, CgroupInetSockCreate, CgroupInetSockRelease,
};
use crate::{AttachType, KernelVersion, ProgType, ProgTypes};

const fn v(major: u16, minor: u16) -> KernelVersion {
    KernelVersion::new(major, minor)
}

const CGROUP_SOCK: ProgTypes = ProgTypes::of(&[ProgType::CgroupSock]);

/// Where sockets are made and closed. A load that names no attach type names the first of all, which the kernel takes for
/// the making of a socket.
const LIFE: &[AttachType] = &[CgroupInetIngress, CgroupInetSockCreate, CgroupInetSockRelease];

const fn number(name: &'static str, offset: u32, since: KernelVersion) -> Field {
    Field::number(name, offset, since).read_by(CGROUP_SOCK)
}

/// A number that is read in parts from its first byte alone.
const fn start(name: &'static str, offset: u32, since: KernelVersion) -> Field {
    number(name, offset, since).sized(4, Sizes::Starts)
}

/// A number that programs set for a new socket.
const fn setting(name: &'static str, offset: u32, since: KernelVersion) -> Field {
    number(name, offset, since).sized(4, Sizes::WholeSigned).written_by(CGROUP_SOCK).attached(LIFE)
}

context! {
    /// `struct bpf_sock`.
    BPF_SOCK = Context::named("bpf_sock").standing_for("sock") => {
        /// The only interface that it uses; 0 if it uses all.
        BOUND_DEV_IF = setting("bound_dev_if", 0, v(4, 10));
        /// The address family.
        FAMILY = start("family", 4, v(4, 11));
        /// The type: a stream, datagrams and so on.
        TYPE = start("type", 8, v(4, 11));
        /// The protocol above IP.
        PROTOCOL = start("protocol", 12, v(4, 11));
        /// The mark of its packets.
        MARK = setting("mark", 16, v(4, 14));
        /// The priority of its packets.
        PRIORITY = setting("priority", 20, v(4, 14));
        /// The own IPv4 address, in network order.
        SRC_IP4 = number("src_ip4", 24, v(4, 17)).attached(&[CgroupInet4PostBind]);
        /// The own IPv6 address, in network order.
        SRC_IP6 = number("src_ip6", 28, v(4, 17)).array(4).attached(&[CgroupInet6PostBind]);
        /// The own port, in the order of the machine.
        SRC_PORT = start("src_port", 44, v(4, 17)).attached(&[CgroupInet4PostBind, CgroupInet6PostBind]);
        /// The peer's port, in network order.
        DST_PORT = number("dst_port", 48, v(5, 1)).sized(2, Sizes::Padded);
        /// The peer's IPv4 address, in network order.
        DST_IP4 = number("dst_ip4", 52, v(5, 1));
        /// The peer's IPv6 address, in network order.
        DST_IP6 = number("dst_ip6", 56, v(5, 1)).array(4);
        /// The state of the connection: one of `BPF_TCP_*`.
        STATE = start("state", 72, v(5, 1));
        /// The queue that its last packet came in by; -1 if it isn't known.
        RX_QUEUE_MAPPING = start("rx_queue_mapping", 76, v(5, 8));
    }
}
