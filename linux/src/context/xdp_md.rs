//! `struct xdp_md`, the context of `xdp` programs.

use super::{Context, Field, Holds, Sizes, by_offset};
use crate::{AttachType, KernelVersion, ProgType, ProgTypes};

/// `struct xdp_md`.
pub static XDP_MD: Context = Context::described("xdp_md", "xdp_buff", FIELDS, &by_offset::<24>(FIELDS));

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

/// `data`: the start of the packet.
pub const DATA: Field = pointer("data", 0, Holds::PacketStart, v(4, 8));
/// `data_end`: the end of the packet.
pub const DATA_END: Field = pointer("data_end", 4, Holds::PacketEnd, v(4, 8));
/// `ingress_ifindex`: the interface that the packet came in by.
pub const INGRESS_IFINDEX: Field = number("ingress_ifindex", 12, v(4, 16));

static FIELDS: &[Field] = &[
    DATA,
    DATA_END,
    pointer("data_meta", 8, Holds::PacketMeta, v(4, 15)),
    INGRESS_IFINDEX,
    number("rx_queue_index", 16, v(4, 16)),
    Field { attached: Some(AttachType::XdpDevmap), ..number("egress_ifindex", 20, v(5, 8)) },
];
