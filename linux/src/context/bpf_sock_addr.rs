//! `struct bpf_sock_addr`, the context of `cgroup_sock_addr` programs.

use super::{Context, Field, Holds, Sizes, context};
use crate::AttachType::{
    CgroupInet4Bind, CgroupInet4Connect, CgroupInet4Getpeername, CgroupInet4Getsockname, CgroupInet6Bind,
    CgroupInet6Connect, CgroupInet6Getpeername, CgroupInet6Getsockname, CgroupUdp4Recvmsg, CgroupUdp4Sendmsg,
    CgroupUdp6Recvmsg, CgroupUdp6Sendmsg,
};
use crate::{AttachType, KernelVersion, ProgType, ProgTypes};

const fn v(major: u16, minor: u16) -> KernelVersion {
    KernelVersion::new(major, minor)
}

const SOCK_ADDR: ProgTypes = ProgTypes::of(&[ProgType::CgroupSockAddr]);

/// Where addresses are IPv4.
const IPV4: &[AttachType] = &[
    CgroupInet4Bind,
    CgroupInet4Connect,
    CgroupInet4Getpeername,
    CgroupInet4Getsockname,
    CgroupUdp4Sendmsg,
    CgroupUdp4Recvmsg,
];
/// Where addresses are IPv6.
const IPV6: &[AttachType] = &[
    CgroupInet6Bind,
    CgroupInet6Connect,
    CgroupInet6Getpeername,
    CgroupInet6Getsockname,
    CgroupUdp6Sendmsg,
    CgroupUdp6Recvmsg,
];

const fn number(name: &'static str, offset: u32, since: KernelVersion) -> Field {
    Field::number(name, offset, since).sized(4, Sizes::WholeSigned).read_by(SOCK_ADDR)
}

/// A part of an address, which programs change.
const fn address(name: &'static str, offset: u32, since: KernelVersion) -> Field {
    Field::number(name, offset, since).read_by(SOCK_ADDR).written_by(SOCK_ADDR)
}

const fn pointer(name: &'static str, offset: u32, holds: Holds, since: KernelVersion) -> Field {
    Field::pointer(name, offset, 8, holds, since).read_by(SOCK_ADDR)
}

context! {
    /// `struct bpf_sock_addr`.
    BPF_SOCK_ADDR = Context::named("bpf_sock_addr").standing_for("bpf_sock_addr_kern") => {
        /// The family of the address that user space gave or gets.
        USER_FAMILY = number("user_family", 0, v(4, 17));
        /// The IPv4 address, in network order.
        USER_IP4 = address("user_ip4", 4, v(4, 17)).attached(IPV4);
        /// The IPv6 address, in network order.
        USER_IP6 = address("user_ip6", 8, v(4, 17)).sized(4, Sizes::Pairs).array(4).attached(IPV6);
        /// The port, in network order.
        USER_PORT = address("user_port", 24, v(4, 17));
        /// The socket's address family.
        FAMILY = number("family", 28, v(4, 17));
        /// The socket's type.
        TYPE = number("type", 32, v(4, 17));
        /// The socket's protocol.
        PROTOCOL = number("protocol", 36, v(4, 17));
        /// The IPv4 address that the message is sent from, in network order.
        MSG_SRC_IP4 = address("msg_src_ip4", 40, v(4, 18)).attached(&[CgroupUdp4Sendmsg]);
        /// The IPv6 address that the message is sent from, in network order.
        MSG_SRC_IP6 = address("msg_src_ip6", 44, v(4, 18)).sized(4, Sizes::Pairs).array(4).attached(&[CgroupUdp6Sendmsg]);
        /// The socket.
        SK = pointer("sk", 64, Holds::Sock, v(5, 3));
    }
}
