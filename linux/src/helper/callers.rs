//! Sets of program types that helpers are given to, and the versions since when.

use super::Callers;
use super::prototype::since;
use crate::{KernelVersion, MapType, MapTypes, ProgType, ProgTypes};

/// Programs of these types, on every kernel that was asked.
pub(super) const fn always(programs: ProgTypes) -> Callers {
    since(V5_10, programs)
}

pub(super) const V5_10: KernelVersion = KernelVersion::new(5, 10);
pub(super) const V5_11: KernelVersion = KernelVersion::new(5, 11);
pub(super) const V5_12: KernelVersion = KernelVersion::new(5, 12);
pub(super) const V5_13: KernelVersion = KernelVersion::new(5, 13);
pub(super) const V5_14: KernelVersion = KernelVersion::new(5, 14);
pub(super) const V5_15: KernelVersion = KernelVersion::new(5, 15);
pub(super) const V5_16: KernelVersion = KernelVersion::new(5, 16);
pub(super) const V5_17: KernelVersion = KernelVersion::new(5, 17);
pub(super) const V5_18: KernelVersion = KernelVersion::new(5, 18);
pub(super) const V5_19: KernelVersion = KernelVersion::new(5, 19);
pub(super) const V6_0: KernelVersion = KernelVersion::new(6, 0);
pub(super) const V6_1: KernelVersion = KernelVersion::new(6, 1);
pub(super) const V6_2: KernelVersion = KernelVersion::new(6, 2);
pub(super) const V6_4: KernelVersion = KernelVersion::new(6, 4);
pub(super) const V6_10: KernelVersion = KernelVersion::new(6, 10);
pub(super) const V6_12: KernelVersion = KernelVersion::new(6, 12);
pub(super) const V6_15: KernelVersion = KernelVersion::new(6, 15);
pub(super) const V6_16: KernelVersion = KernelVersion::new(6, 16);
pub(super) const V6_19: KernelVersion = KernelVersion::new(6, 19);
pub(super) const V7_2: KernelVersion = KernelVersion::new(7, 2);

/// The series whose late stable releases took `bpf_skb_pull_data` from programs of type `lwt_seg6local`, as 7.2 did.
pub(super) const LATE_6_1_AND_6_12: &[KernelVersion] = &[V6_1, V6_12];

const fn one(prog_type: ProgType) -> ProgTypes {
    ProgTypes::of(&[prog_type])
}

pub(super) const SOCKET_FILTER: ProgTypes = one(ProgType::SocketFilter);
pub(super) const KPROBE: ProgTypes = one(ProgType::Kprobe);
pub(super) const TRACEPOINT: ProgTypes = one(ProgType::Tracepoint);
pub(super) const XDP: ProgTypes = one(ProgType::Xdp);
pub(super) const PERF_EVENT: ProgTypes = one(ProgType::PerfEvent);
pub(super) const CGROUP_SKB: ProgTypes = one(ProgType::CgroupSkb);
pub(super) const CGROUP_SOCK: ProgTypes = one(ProgType::CgroupSock);
pub(super) const LWT_IN: ProgTypes = one(ProgType::LwtIn);
pub(super) const LWT_OUT: ProgTypes = one(ProgType::LwtOut);
pub(super) const LWT_XMIT: ProgTypes = one(ProgType::LwtXmit);
pub(super) const SOCK_OPS: ProgTypes = one(ProgType::SockOps);
pub(super) const SK_SKB: ProgTypes = one(ProgType::SkSkb);
pub(super) const CGROUP_DEVICE: ProgTypes = one(ProgType::CgroupDevice);
pub(super) const SK_MSG: ProgTypes = one(ProgType::SkMsg);
pub(super) const RAW_TRACEPOINT: ProgTypes = one(ProgType::RawTracepoint);
pub(super) const CGROUP_SOCK_ADDR: ProgTypes = one(ProgType::CgroupSockAddr);
pub(super) const LWT_SEG6LOCAL: ProgTypes = one(ProgType::LwtSeg6local);
pub(super) const SK_REUSEPORT: ProgTypes = one(ProgType::SkReuseport);
pub(super) const FLOW_DISSECTOR: ProgTypes = one(ProgType::FlowDissector);
pub(super) const CGROUP_SYSCTL: ProgTypes = one(ProgType::CgroupSysctl);
pub(super) const RAW_TRACEPOINT_WRITABLE: ProgTypes = one(ProgType::RawTracepointWritable);
pub(super) const CGROUP_SOCKOPT: ProgTypes = one(ProgType::CgroupSockopt);
pub(super) const SK_LOOKUP: ProgTypes = one(ProgType::SkLookup);
pub(super) const SYSCALL: ProgTypes = one(ProgType::Syscall);
pub(super) const NETFILTER: ProgTypes = one(ProgType::Netfilter);

/// Programs of traffic control.
pub(super) const SCHED: ProgTypes = ProgTypes::of(&[ProgType::SchedCls, ProgType::SchedAct]);

/// Programs of light-weight tunnels.
pub(super) const LWT: ProgTypes =
    ProgTypes::of(&[ProgType::LwtIn, ProgType::LwtOut, ProgType::LwtXmit, ProgType::LwtSeg6local]);

/// Programs on probes and events of the kernel.
pub(super) const PROBES: ProgTypes = ProgTypes::of(&[
    ProgType::Kprobe,
    ProgType::Tracepoint,
    ProgType::PerfEvent,
    ProgType::RawTracepoint,
    ProgType::RawTracepointWritable,
]);

/// Programs on what processes of a control group do, packets aside.
pub(super) const CGROUP_HOOKS: ProgTypes = ProgTypes::of(&[
    ProgType::CgroupSock,
    ProgType::CgroupDevice,
    ProgType::CgroupSockAddr,
    ProgType::CgroupSysctl,
    ProgType::CgroupSockopt,
]);

/// Programs on packets and sockets.
pub(super) const NETWORK: ProgTypes = ProgTypes::of(&[
    ProgType::SocketFilter,
    ProgType::SchedCls,
    ProgType::SchedAct,
    ProgType::Xdp,
    ProgType::CgroupSkb,
    ProgType::LwtIn,
    ProgType::LwtOut,
    ProgType::LwtXmit,
    ProgType::LwtSeg6local,
    ProgType::SockOps,
    ProgType::SkSkb,
    ProgType::SkMsg,
    ProgType::SkReuseport,
    ProgType::FlowDissector,
    ProgType::SkLookup,
]);

/// The program types that kernels were asked about. Of the others, `ext` has the helpers of the program that it replaces a
/// part of, and `lirc_mode2` is missing in the kernels that were asked.
pub(super) const RECORDED: ProgTypes = ProgTypes::ALL
    .without(one(ProgType::LircMode2))
    .without(one(ProgType::Tracing))
    .without(one(ProgType::StructOps))
    .without(one(ProgType::Ext))
    .without(one(ProgType::Lsm));

/// All that were asked about.
pub(super) const EVERY: ProgTypes = RECORDED;

/// The sets that the page names, the largest first.
pub(super) const SETS: &[(&str, ProgTypes)] = &[
    ("every", EVERY),
    ("network", NETWORK),
    ("cgroup hooks", CGROUP_HOOKS),
    ("probes", PROBES),
    ("lwt", LWT),
    ("sched", SCHED),
];

const fn map(map_type: MapType) -> MapTypes {
    MapTypes::of(&[map_type])
}

pub(super) const PROG_ARRAY: MapTypes = map(MapType::ProgArray);
pub(super) const PERF_EVENT_ARRAY: MapTypes = map(MapType::PerfEventArray);
pub(super) const STACK_TRACE: MapTypes = map(MapType::StackTrace);
pub(super) const RINGBUF: MapTypes = map(MapType::Ringbuf);
pub(super) const BLOOM: MapTypes = map(MapType::BloomFilter);

/// Maps without keys.
pub(super) const QUEUES: MapTypes = MapTypes::of(&[MapType::Queue, MapType::Stack]);

/// Maps with a value for each processor.
pub(super) const PERCPU: MapTypes =
    MapTypes::of(&[MapType::PercpuArray, MapType::PercpuHash, MapType::LruPercpuHash]);

/// Maps of places that a packet can be sent to.
pub(super) const REDIRECTS: MapTypes =
    MapTypes::of(&[MapType::Devmap, MapType::DevmapHash, MapType::Cpumap, MapType::Xskmap]);

/// Maps that only helpers and kernel functions made for them take.
const OF_THEIR_OWN: MapTypes = MapTypes::of(&[
    MapType::CgroupStorage,
    MapType::ReuseportSockarray,
    MapType::PercpuCgroupStorage,
    MapType::SkStorage,
    MapType::InodeStorage,
    MapType::TaskStorage,
    MapType::UserRingbuf,
    MapType::CgrpStorage,
    MapType::InsnArray,
]);

/// Maps of maps: programs look one up, and change none.
const OF_MAPS: MapTypes = MapTypes::of(&[MapType::ArrayOfMaps, MapType::HashOfMaps]);

/// Maps in which a program can look keys up.
pub(super) const LOOKED_UP: MapTypes = MapTypes::ALL
    .without(MapTypes::of(&[MapType::StackTrace, MapType::CgroupArray, MapType::Cpumap]))
    .without(OF_THEIR_OWN)
    .without(PROG_ARRAY)
    .without(PERF_EVENT_ARRAY)
    .without(RINGBUF)
    .without(QUEUES)
    .without(BLOOM);

/// Maps of which a program can change keys and values.
pub(super) const CHANGED: MapTypes = LOOKED_UP.without(REDIRECTS).without(OF_MAPS);

/// The sets of map types that the page names.
pub(super) const MAP_SETS: &[(&str, MapTypes)] =
    &[("maps with lookups", LOOKED_UP), ("maps that change", CHANGED)];
