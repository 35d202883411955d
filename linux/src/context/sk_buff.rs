//! `struct __sk_buff`, the context of the programs that see a packet after the kernel has made a `struct sk_buff` of it.

use super::{Context, Field, Holds, Sizes, context};
use crate::ProgType::{
    CgroupSkb, FlowDissector, LwtIn, LwtOut, LwtSeg6local, LwtXmit, SchedAct, SchedCls, SkSkb, SocketFilter,
};
use crate::{KernelVersion, ProgTypes};

const fn v(major: u16, minor: u16) -> KernelVersion {
    KernelVersion::new(major, minor)
}

const NONE: ProgTypes = ProgTypes::NONE;
const FILTER: ProgTypes = ProgTypes::of(&[SocketFilter]);
const SCHED: ProgTypes = ProgTypes::of(&[SchedCls, SchedAct]);
const CGROUP: ProgTypes = ProgTypes::of(&[CgroupSkb]);
const LWT: ProgTypes = ProgTypes::of(&[LwtIn, LwtOut, LwtXmit, LwtSeg6local]);
const STREAM: ProgTypes = ProgTypes::of(&[SkSkb]);
const DISSECTOR: ProgTypes = ProgTypes::of(&[FlowDissector]);

/// All but flow dissectors, which see three fields only.
const ALL: ProgTypes = FILTER.with(SCHED).with(CGROUP).with(LWT).with(STREAM);

const fn number(
    name: &'static str,
    offset: u32,
    since: KernelVersion,
    read: ProgTypes,
    written: ProgTypes,
) -> Field {
    Field::number(name, offset, since).read_by(read).written_by(written)
}

const fn pointer(
    name: &'static str,
    offset: u32,
    size: u32,
    holds: Holds,
    since: KernelVersion,
    read: ProgTypes,
) -> Field {
    Field::pointer(name, offset, size, holds, since).read_by(read)
}

/// Who sees the packet's bytes.
const PACKET: ProgTypes = ALL.without(FILTER).with(DISSECTOR);
/// Who sees the addresses of the socket that the packet belongs to.
const ADDRESSES: ProgTypes = CGROUP.with(STREAM);
/// Who sees when the packet is sent.
const TIME: ProgTypes = SCHED.with(CGROUP);

context! {
    /// `struct __sk_buff`.
    SK_BUFF = Context::named("__sk_buff").standing_for("sk_buff") => {
        /// The length of the packet, in bytes.
        LEN = number("len", 0, v(4, 1), ALL, NONE);
        /// Whom the link layer sent it to: `PACKET_HOST`, `PACKET_BROADCAST` and so on.
        PKT_TYPE = number("pkt_type", 4, v(4, 1), ALL, NONE);
        /// The mark that routing and firewalls look at.
        MARK = number("mark", 8, v(4, 1), ALL.without(STREAM), SCHED.with(CGROUP).with(LWT));
        /// The queue of the interface, plus one; 0 if there is none.
        QUEUE_MAPPING = number("queue_mapping", 12, v(4, 1), ALL, SCHED);
        /// The type in the Ethernet header, in network order.
        PROTOCOL = number("protocol", 16, v(4, 1), ALL, NONE);
        /// Whether it has a VLAN tag beside its bytes.
        VLAN_PRESENT = number("vlan_present", 20, v(4, 1), ALL, NONE);
        /// The VLAN tag.
        VLAN_TCI = number("vlan_tci", 24, v(4, 1), ALL, NONE);
        /// The type of the VLAN tag, in network order.
        VLAN_PROTO = number("vlan_proto", 28, v(4, 1), ALL, NONE);
        /// Its priority in queueing disciplines.
        PRIORITY = number("priority", 32, v(4, 1), ALL, SCHED.with(CGROUP).with(LWT).with(STREAM));
        /// The interface that it came in by.
        INGRESS_IFINDEX = number("ingress_ifindex", 36, v(4, 2), ALL, NONE);
        /// The interface that it is at.
        IFINDEX = number("ifindex", 40, v(4, 2), ALL, NONE);
        /// What `tc` files it under.
        TC_INDEX = number("tc_index", 44, v(4, 2), ALL, SCHED.with(STREAM));
        /// Room for programs, which following programs of the same hook read.
        CB = number("cb", 48, v(4, 2), ALL, ALL.without(STREAM)).sized(4, Sizes::Any).array(5);
        /// The hash of its flow, if it was counted out.
        HASH = number("hash", 68, v(4, 3), ALL, NONE);
        /// The class of `tc`: a program in direct action mode sets it.
        TC_CLASSID = number("tc_classid", 72, v(4, 3), SCHED, SCHED);
        /// The start of the packet.
        DATA = pointer("data", 76, 4, Holds::PacketStart, v(4, 7), PACKET);
        /// The end of the packet's bytes in one piece.
        DATA_END = pointer("data_end", 80, 4, Holds::PacketEnd, v(4, 7), PACKET);
        /// What the receiving queue is polled by.
        NAPI_ID = number("napi_id", 84, v(4, 12), ALL, NONE);
        /// The address family of its socket.
        FAMILY = number("family", 88, v(4, 14), ADDRESSES, NONE);
        /// The peer's IPv4 address, in network order.
        REMOTE_IP4 = number("remote_ip4", 92, v(4, 14), ADDRESSES, NONE).sized(4, Sizes::WholeSigned);
        /// The own IPv4 address, in network order.
        LOCAL_IP4 = number("local_ip4", 96, v(4, 14), ADDRESSES, NONE).sized(4, Sizes::WholeSigned);
        /// The peer's IPv6 address, in network order.
        REMOTE_IP6 = number("remote_ip6", 100, v(4, 14), ADDRESSES, NONE).sized(4, Sizes::WholeSigned).array(4);
        /// The own IPv6 address, in network order.
        LOCAL_IP6 = number("local_ip6", 116, v(4, 14), ADDRESSES, NONE).sized(4, Sizes::WholeSigned).array(4);
        /// The peer's port, in network order.
        REMOTE_PORT = number("remote_port", 132, v(4, 14), ADDRESSES, NONE);
        /// The own port, in the order of the machine.
        LOCAL_PORT = number("local_port", 136, v(4, 14), ADDRESSES, NONE);
        /// The start of the room for data about the packet, which ends where the packet starts.
        DATA_META = pointer("data_meta", 140, 4, Holds::PacketMeta, v(4, 15), SCHED);
        /// What a flow dissector fills in.
        FLOW_KEYS = pointer("flow_keys", 144, 8, Holds::FlowKeys, v(4, 20), DISSECTOR);
        /// When it came or is to leave, in nanoseconds.
        TSTAMP = number("tstamp", 152, v(5, 0), TIME, TIME).sized(8, Sizes::Whole);
        /// Its length on the wire.
        WIRE_LEN = number("wire_len", 160, v(5, 0), SCHED, NONE);
        /// How many segments it is made of.
        GSO_SEGS = number("gso_segs", 164, v(5, 1), ALL, NONE);
        /// The socket that it belongs to.
        SK = pointer("sk", 168, 8, Holds::SockCommonOrNull, v(5, 1), ALL);
        /// The bytes in each of its segments.
        GSO_SIZE = number("gso_size", 176, v(5, 7), ALL, NONE);
        /// The clock of `tstamp`: one of `BPF_SKB_CLOCK_*`.
        TSTAMP_TYPE = number("tstamp_type", 180, v(5, 18), SCHED, NONE).sized(1, Sizes::WholeSigned);
        /// When the interface says that it came, in nanoseconds.
        HWTSTAMP = number("hwtstamp", 184, v(5, 16), TIME, NONE).sized(8, Sizes::Whole);
    }
}
