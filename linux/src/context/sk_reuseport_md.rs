//! `struct sk_reuseport_md`, the context of `sk_reuseport` programs.

use super::{Context, Field, Holds, Sizes, context};
use crate::{KernelVersion, ProgType, ProgTypes};

const fn v(major: u16, minor: u16) -> KernelVersion {
    KernelVersion::new(major, minor)
}

const SK_REUSEPORT: ProgTypes = ProgTypes::of(&[ProgType::SkReuseport]);

const fn number(name: &'static str, offset: u32, since: KernelVersion) -> Field {
    Field::number(name, offset, since).read_by(SK_REUSEPORT)
}

const fn pointer(name: &'static str, offset: u32, holds: Holds, since: KernelVersion) -> Field {
    Field::pointer(name, offset, 8, holds, since).read_by(SK_REUSEPORT)
}

context! {
    /// `struct sk_reuseport_md`.
    SK_REUSEPORT_MD = Context::named("sk_reuseport_md").standing_for("sk_reuseport_kern") => {
        /// The start of the packet from its TCP or UDP header on.
        DATA = pointer("data", 0, Holds::PacketStart, v(4, 19));
        /// The end of the packet's bytes in one piece.
        DATA_END = pointer("data_end", 8, Holds::PacketEnd, v(4, 19));
        /// The length of the packet from its TCP or UDP header on, in bytes.
        LEN = number("len", 16, v(4, 19));
        /// The type in the Ethernet header, in network order.
        ETH_PROTOCOL = number("eth_protocol", 20, v(4, 19)).sized(4, Sizes::Halves);
        /// The protocol above IP.
        IP_PROTOCOL = number("ip_protocol", 24, v(4, 19));
        /// Whether the sockets are bound to every address.
        BIND_INANY = number("bind_inany", 28, v(4, 19));
        /// The hash of the packet's addresses and ports.
        HASH = number("hash", 32, v(4, 19)).sized(4, Sizes::WholeSigned);
        /// The socket that the packet was found first.
        SK = pointer("sk", 40, Holds::Sock, v(5, 14));
        /// The socket whose connection is given to another one.
        MIGRATING_SK = pointer("migrating_sk", 48, Holds::SockCommonOrNull, v(5, 14));
    }
}
