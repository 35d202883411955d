//! `struct __sk_buff`, the context of the programs that see a packet after the kernel has made a `struct sk_buff` of it.

use super::{Context, Field, Holds, Sizes, by_offset};
use crate::ProgType::{
    CgroupSkb, FlowDissector, LwtIn, LwtOut, LwtSeg6local, LwtXmit, SchedAct, SchedCls, SkSkb, SocketFilter,
};
use crate::{KernelVersion, ProgTypes};

/// `struct __sk_buff`.
pub static SK_BUFF: Context = Context::described("__sk_buff", "sk_buff", FIELDS, &by_offset::<192>(FIELDS));

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

const fn whole(field: Field, size: u32) -> Field {
    field.sized(size, Sizes::Whole)
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

static FIELDS: &[Field] = &[
    number("len", 0, v(4, 1), ALL, NONE),
    number("pkt_type", 4, v(4, 1), ALL, NONE),
    number("mark", 8, v(4, 1), ALL.without(STREAM), SCHED.with(CGROUP).with(LWT)),
    number("queue_mapping", 12, v(4, 1), ALL, SCHED),
    number("protocol", 16, v(4, 1), ALL, NONE),
    number("vlan_present", 20, v(4, 1), ALL, NONE),
    number("vlan_tci", 24, v(4, 1), ALL, NONE),
    number("vlan_proto", 28, v(4, 1), ALL, NONE),
    number("priority", 32, v(4, 1), ALL, SCHED.with(CGROUP).with(LWT).with(STREAM)),
    number("ingress_ifindex", 36, v(4, 2), ALL, NONE),
    number("ifindex", 40, v(4, 2), ALL, NONE),
    number("tc_index", 44, v(4, 2), ALL, SCHED.with(STREAM)),
    number("cb", 48, v(4, 2), ALL, ALL.without(STREAM)).sized(4, Sizes::Any).array(5),
    number("hash", 68, v(4, 3), ALL, NONE),
    number("tc_classid", 72, v(4, 3), SCHED, SCHED),
    pointer("data", 76, 4, Holds::PacketStart, v(4, 7), PACKET),
    pointer("data_end", 80, 4, Holds::PacketEnd, v(4, 7), PACKET),
    number("napi_id", 84, v(4, 12), ALL, NONE),
    number("family", 88, v(4, 14), ADDRESSES, NONE),
    number("remote_ip4", 92, v(4, 14), ADDRESSES, NONE).sized(4, Sizes::WholeSigned),
    number("local_ip4", 96, v(4, 14), ADDRESSES, NONE).sized(4, Sizes::WholeSigned),
    number("remote_ip6", 100, v(4, 14), ADDRESSES, NONE).sized(4, Sizes::WholeSigned).array(4),
    number("local_ip6", 116, v(4, 14), ADDRESSES, NONE).sized(4, Sizes::WholeSigned).array(4),
    number("remote_port", 132, v(4, 14), ADDRESSES, NONE),
    number("local_port", 136, v(4, 14), ADDRESSES, NONE),
    pointer("data_meta", 140, 4, Holds::PacketMeta, v(4, 15), SCHED),
    pointer("flow_keys", 144, 8, Holds::FlowKeys, v(4, 20), DISSECTOR),
    whole(number("tstamp", 152, v(5, 0), TIME, TIME), 8),
    number("wire_len", 160, v(5, 0), SCHED, NONE),
    number("gso_segs", 164, v(5, 1), ALL, NONE),
    pointer("sk", 168, 8, Holds::SockCommonOrNull, v(5, 1), ALL),
    number("gso_size", 176, v(5, 7), ALL, NONE),
    number("tstamp_type", 180, v(5, 18), SCHED, NONE).sized(1, Sizes::WholeSigned),
    whole(number("hwtstamp", 184, v(5, 16), TIME, NONE), 8),
];
