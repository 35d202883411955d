//! `struct xdp_md`, the context of `xdp` programs.

use super::{Context, Field, Holds, Sizes, context};
use crate::{AttachType, KernelVersion, ProgType, ProgTypes};

const fn v(major: u16, minor: u16) -> KernelVersion {
    KernelVersion::new(major, minor)
}

const XDP: ProgTypes = ProgTypes::of(&[ProgType::Xdp]);

const fn number(name: &'static str, offset: u32, since: KernelVersion) -> Field {
    Field::number(name, offset, since).sized(4, Sizes::WholeSigned).read_by(XDP)
}

const fn pointer(name: &'static str, offset: u32, holds: Holds, since: KernelVersion) -> Field {
    Field::pointer(name, offset, 4, holds, since).read_by(XDP)
}

context! {
    /// `struct xdp_md`.
    XDP_MD = Context::named("xdp_md").standing_for("xdp_buff") => {
        /// The start of the packet.
        DATA = pointer("data", 0, Holds::PacketStart, v(4, 8));
        /// The end of the packet.
        DATA_END = pointer("data_end", 4, Holds::PacketEnd, v(4, 8));
        /// The start of the room for data about the packet, which ends where the packet starts.
        DATA_META = pointer("data_meta", 8, Holds::PacketMeta, v(4, 15));
        /// The interface that the packet came in by.
        INGRESS_IFINDEX = number("ingress_ifindex", 12, v(4, 16));
        /// The interface's queue that the packet came in by.
        RX_QUEUE_INDEX = number("rx_queue_index", 16, v(4, 16));
        /// The interface that the packet goes out by.
        EGRESS_IFINDEX = number("egress_ifindex", 20, v(5, 8)).attached(&[AttachType::XdpDevmap]);
    }
}
