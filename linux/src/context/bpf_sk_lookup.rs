//! `struct bpf_sk_lookup`, the context of `sk_lookup` programs.
//!
//! Its `cookie`, at the same place as `sk`, is for test runs alone: programs can't read it.

use super::{Context, Field, Holds, context};
use crate::{KernelVersion, ProgType, ProgTypes};

const fn v(major: u16, minor: u16) -> KernelVersion {
    KernelVersion::new(major, minor)
}

const SK_LOOKUP: ProgTypes = ProgTypes::of(&[ProgType::SkLookup]);

const fn number(name: &'static str, offset: u32, since: KernelVersion) -> Field {
    Field::number(name, offset, since).read_by(SK_LOOKUP)
}

const fn pointer(name: &'static str, offset: u32, holds: Holds, since: KernelVersion) -> Field {
    Field::pointer(name, offset, 8, holds, since).read_by(SK_LOOKUP)
}

context! {
    /// `struct bpf_sk_lookup`.
    BPF_SK_LOOKUP = Context::named("bpf_sk_lookup").standing_for("bpf_sk_lookup_kern") => {
        /// The socket that was chosen so far.
        SK = pointer("sk", 0, Holds::SockOrNull, v(5, 9));
        /// The address family.
        FAMILY = number("family", 8, v(5, 9));
        /// The protocol above IP.
        PROTOCOL = number("protocol", 12, v(5, 9));
        /// The sender's IPv4 address, in network order.
        REMOTE_IP4 = number("remote_ip4", 16, v(5, 9));
        /// The sender's IPv6 address, in network order.
        REMOTE_IP6 = number("remote_ip6", 20, v(5, 9)).array(4);
        /// The sender's port, in network order, in 2 bytes; 2 bytes of zeros follow.
        REMOTE_PORT = number("remote_port", 36, v(5, 9));
        /// The IPv4 address that the packet is for, in network order.
        LOCAL_IP4 = number("local_ip4", 40, v(5, 9));
        /// The IPv6 address that the packet is for, in network order.
        LOCAL_IP6 = number("local_ip6", 44, v(5, 9)).array(4);
        /// The port that the packet is for, in the order of the machine.
        LOCAL_PORT = number("local_port", 60, v(5, 9));
        /// The interface that the packet came in by; 0 if it's from this machine.
        INGRESS_IFINDEX = number("ingress_ifindex", 64, v(5, 17));
    }
}
