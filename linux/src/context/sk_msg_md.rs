//! `struct sk_msg_md`, the context of `sk_msg` programs.

use super::{Context, Field, Holds, Sizes, context};
use crate::{KernelVersion, ProgType, ProgTypes};

const fn v(major: u16, minor: u16) -> KernelVersion {
    KernelVersion::new(major, minor)
}

const SK_MSG: ProgTypes = ProgTypes::of(&[ProgType::SkMsg]);

const fn number(name: &'static str, offset: u32, since: KernelVersion) -> Field {
    Field::number(name, offset, since).sized(4, Sizes::WholeSigned).read_by(SK_MSG)
}

const fn pointer(name: &'static str, offset: u32, holds: Holds, since: KernelVersion) -> Field {
    Field::pointer(name, offset, 8, holds, since).read_by(SK_MSG)
}

context! {
    /// `struct sk_msg_md`.
    SK_MSG_MD = Context::named("sk_msg_md").standing_for("sk_msg") => {
        /// The start of the message's bytes in one piece, which are read and written as packets are.
        DATA = pointer("data", 0, Holds::PacketStart, v(4, 17));
        /// The end of those bytes.
        DATA_END = pointer("data_end", 8, Holds::PacketEnd, v(4, 17));
        /// The address family.
        FAMILY = number("family", 16, v(4, 18));
        /// The peer's IPv4 address, in network order.
        REMOTE_IP4 = number("remote_ip4", 20, v(4, 18));
        /// The own IPv4 address, in network order.
        LOCAL_IP4 = number("local_ip4", 24, v(4, 18));
        /// The peer's IPv6 address, in network order.
        REMOTE_IP6 = number("remote_ip6", 28, v(4, 18)).array(4);
        /// The own IPv6 address, in network order.
        LOCAL_IP6 = number("local_ip6", 44, v(4, 18)).array(4);
        /// The peer's port, in network order.
        REMOTE_PORT = number("remote_port", 60, v(4, 18));
        /// The own port, in the order of the machine.
        LOCAL_PORT = number("local_port", 64, v(4, 18));
        /// The length of the message, in bytes.
        SIZE = number("size", 68, v(5, 0));
        /// The socket that sends it.
        SK = pointer("sk", 72, Holds::Sock, v(5, 8));
    }
}
