//! The helpers that are modelled: who may call them since when, what they take and what they give.
//!
//! Source: `include/uapi/linux/bpf.h` (the helpers' documentation) and what kernels 6.12 and 6.18 accept. That kernels
//! and tables agree is tested by a sweep over every helper, program type and profile.

use knockwright_asm::{Helper, KernelVersion, ProgType};

/// What a helper takes as one argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Argument {
    /// Any number.
    Anything,
    /// The context.
    Ctx,
    /// A map.
    Map,
    /// A key of the map.
    Key,
    /// A value of the map.
    Value,
    /// A place for a value of the map.
    ValueOut,
    /// Memory that is read; its size is the next argument.
    MemIn,
    /// As `MemIn`, or NULL.
    MemInOrNull,
    /// Memory that is written; its size is the next argument.
    MemOut,
    /// Memory that is read and written; its size is the next argument.
    MemInOut,
    /// Aligned memory of this size that is read and written.
    FixedInOut(u32),
    /// Aligned memory of this size that is written.
    FixedOut(u32),
    /// The size of the memory before it, not zero.
    Size,
    /// The size of the memory before it.
    SizeOrZero,
    /// A known size of memory to give back.
    AllocSize,
    /// A ring buffer's record, which is given up.
    Record,
    /// A socket, which is given up.
    SocketGivenUp,
    /// How often a function is called back: a number where the rules want one.
    Rounds,
    /// A function of the program, to be called back.
    Callback,
    /// A place on the stack, or NULL.
    StackOrNull,
    /// A spin lock in a value of a map.
    SpinLock,
}

/// What a helper gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Returns {
    /// A number.
    Integer,
    /// Nothing.
    Void,
    /// A value of the map or NULL.
    MapValueOrNull,
    /// A ring buffer's record or NULL.
    RecordOrNull,
    /// A socket or NULL, to be released.
    SocketOrNull,
    /// A socket of any kind or NULL, to be released.
    SockCommonOrNull,
}

/// Program types as bits.
pub(crate) mod programs {
    pub(crate) const XDP: u8 = 1;
    pub(crate) const FILTER: u8 = 2;
    pub(crate) const SCHED: u8 = 4;
    pub(crate) const CGROUP: u8 = 8;
    pub(crate) const ALL: u8 = XDP | FILTER | SCHED | CGROUP;
    pub(crate) const SKB: u8 = FILTER | SCHED | CGROUP;
}

/// One helper.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Prototype {
    pub(crate) helper: Helper,
    /// Which program types may call it.
    pub(crate) programs: u8,
    /// Only programs under a licence that is compatible with the GPL may call it.
    pub(crate) gpl: bool,
    /// It may read the packet through its arguments.
    pub(crate) packet: bool,
    /// It may move the packet.
    pub(crate) moves_packet: bool,
    pub(crate) returns: Returns,
    pub(crate) arguments: &'static [Argument],
}

const GPL: u8 = 1;
const PACKET: u8 = 2;
const MOVES: u8 = 4;

const fn row(
    helper: Helper,
    programs: u8,
    flags: u8,
    returns: Returns,
    arguments: &'static [Argument],
) -> Prototype {
    Prototype {
        helper,
        programs,
        gpl: flags & GPL != 0,
        packet: flags & PACKET != 0,
        moves_packet: flags & MOVES != 0,
        returns,
        arguments,
    }
}

use Argument::{
    AllocSize, Anything, Callback, Ctx, FixedInOut, FixedOut, Key, Map, MemIn, MemInOrNull, MemInOut, MemOut,
    Record, Rounds, Size, SizeOrZero, SocketGivenUp, SpinLock, StackOrNull, Value, ValueOut,
};
use Returns::{Integer, MapValueOrNull, RecordOrNull, SockCommonOrNull, SocketOrNull, Void};
use programs::{ALL, CGROUP, FILTER, SCHED, SKB, XDP};

/// The table.
pub(crate) static PROTOTYPES: &[Prototype] = &[
    row(Helper::MapLookupElem, ALL, PACKET, MapValueOrNull, &[Map, Key]),
    row(Helper::MapUpdateElem, ALL, PACKET, Integer, &[Map, Key, Value, Anything]),
    row(Helper::MapDeleteElem, ALL, PACKET, Integer, &[Map, Key]),
    row(Helper::MapPushElem, ALL, PACKET, Integer, &[Map, Value, Anything]),
    row(Helper::MapPopElem, ALL, 0, Integer, &[Map, ValueOut]),
    row(Helper::MapPeekElem, ALL, 0, Integer, &[Map, ValueOut]),
    row(Helper::MapLookupPercpuElem, ALL, PACKET, MapValueOrNull, &[Map, Key, Anything]),
    row(Helper::TailCall, ALL, 0, Void, &[Ctx, Map, Anything]),
    row(Helper::KtimeGetNs, ALL, 0, Integer, &[]),
    row(Helper::KtimeGetBootNs, ALL, 0, Integer, &[]),
    row(Helper::KtimeGetCoarseNs, ALL, 0, Integer, &[]),
    row(Helper::KtimeGetTaiNs, ALL, 0, Integer, &[]),
    row(Helper::Jiffies64, ALL, 0, Integer, &[]),
    row(Helper::TracePrintk, ALL, GPL, Integer, &[MemIn, Size]),
    row(Helper::GetPrandomU32, ALL, 0, Integer, &[]),
    row(Helper::GetSmpProcessorId, ALL, 0, Integer, &[]),
    row(Helper::GetNumaNodeId, ALL, 0, Integer, &[]),
    row(Helper::SkbLoadBytes, SKB, 0, Integer, &[Ctx, Anything, MemOut, Size]),
    row(Helper::SkbLoadBytesRelative, SKB, 0, Integer, &[Ctx, Anything, MemOut, Size, Anything]),
    row(Helper::SkbStoreBytes, SCHED, MOVES, Integer, &[Ctx, Anything, MemIn, Size, Anything]),
    row(Helper::L3CsumReplace, SCHED, MOVES, Integer, &[Ctx, Anything, Anything, Anything, Anything]),
    row(Helper::L4CsumReplace, SCHED, MOVES, Integer, &[Ctx, Anything, Anything, Anything, Anything]),
    row(
        Helper::CsumDiff,
        XDP | SCHED,
        PACKET,
        Integer,
        &[MemInOrNull, SizeOrZero, MemInOrNull, SizeOrZero, Anything],
    ),
    row(Helper::CsumUpdate, SCHED, 0, Integer, &[Ctx, Anything]),
    row(Helper::CsumLevel, SCHED, 0, Integer, &[Ctx, Anything]),
    row(Helper::Redirect, XDP | SCHED, 0, Integer, &[Anything, Anything]),
    row(Helper::RedirectNeigh, SCHED, 0, Integer, &[Anything, MemInOrNull, SizeOrZero, Anything]),
    row(Helper::RedirectPeer, SCHED, 0, Integer, &[Anything, Anything]),
    row(Helper::RedirectMap, XDP, 0, Integer, &[Map, Anything, Anything]),
    row(Helper::CloneRedirect, SCHED, MOVES, Integer, &[Ctx, Anything, Anything]),
    row(Helper::PerfEventOutput, ALL, GPL, Integer, &[Ctx, Map, Anything, MemIn, SizeOrZero]),
    row(Helper::SkbSetTunnelKey, SCHED, 0, Integer, &[Ctx, MemIn, Size, Anything]),
    row(Helper::SkbGetTunnelKey, SCHED, 0, Integer, &[Ctx, MemOut, Size, Anything]),
    row(Helper::SkbAdjustRoom, SCHED, MOVES, Integer, &[Ctx, Anything, Anything, Anything]),
    row(Helper::SkbChangeHead, SCHED, MOVES, Integer, &[Ctx, Anything, Anything]),
    row(Helper::SkbChangeTail, SCHED, MOVES, Integer, &[Ctx, Anything, Anything]),
    row(Helper::SkbChangeProto, SCHED, MOVES, Integer, &[Ctx, Anything, Anything]),
    row(Helper::SkbChangeType, SCHED, 0, Integer, &[Ctx, Anything]),
    row(Helper::SkbPullData, SCHED, MOVES, Integer, &[Ctx, Anything]),
    row(Helper::SkbVlanPush, SCHED, MOVES, Integer, &[Ctx, Anything, Anything]),
    row(Helper::SkbVlanPop, SCHED, MOVES, Integer, &[Ctx]),
    row(Helper::GetHashRecalc, SCHED, 0, Integer, &[Ctx]),
    row(Helper::SetHashInvalid, SCHED, 0, Integer, &[Ctx]),
    row(Helper::GetCgroupClassid, SCHED, 0, Integer, &[Ctx]),
    // Other program types than sched_cls have the one that looks at the current task.
    row(Helper::GetCgroupClassid, XDP | FILTER | CGROUP, 0, Integer, &[]),
    row(Helper::GetRouteRealm, SCHED, 0, Integer, &[Ctx]),
    row(Helper::GetSocketCookie, FILTER | SCHED | CGROUP, 0, Integer, &[Ctx]),
    row(Helper::GetSocketUid, FILTER | SCHED | CGROUP, 0, Integer, &[Ctx]),
    row(Helper::FibLookup, XDP | SCHED, GPL, Integer, &[Ctx, MemInOut, Size, Anything]),
    row(Helper::CheckMtu, XDP | SCHED, GPL, Integer, &[Ctx, Anything, FixedInOut(4), Anything, Anything]),
    row(Helper::XdpAdjustHead, XDP, MOVES, Integer, &[Ctx, Anything]),
    row(Helper::XdpAdjustMeta, XDP, MOVES, Integer, &[Ctx, Anything]),
    row(Helper::XdpAdjustTail, XDP, MOVES, Integer, &[Ctx, Anything]),
    row(Helper::XdpGetBuffLen, XDP, 0, Integer, &[Ctx]),
    row(Helper::XdpLoadBytes, XDP, 0, Integer, &[Ctx, Anything, MemOut, Size]),
    row(Helper::XdpStoreBytes, XDP, 0, Integer, &[Ctx, Anything, MemIn, Size]),
    row(Helper::RingbufOutput, ALL, 0, Integer, &[Map, MemIn, SizeOrZero, Anything]),
    row(Helper::RingbufReserve, ALL, 0, RecordOrNull, &[Map, AllocSize, Anything]),
    row(Helper::RingbufSubmit, ALL, 0, Void, &[Record, Anything]),
    row(Helper::RingbufDiscard, ALL, 0, Void, &[Record, Anything]),
    row(Helper::RingbufQuery, ALL, 0, Integer, &[Map, Anything]),
    row(
        Helper::SkLookupTcp,
        XDP | SCHED | CGROUP,
        PACKET,
        SocketOrNull,
        &[Ctx, MemIn, Size, Anything, Anything],
    ),
    row(
        Helper::SkLookupUdp,
        XDP | SCHED | CGROUP,
        PACKET,
        SocketOrNull,
        &[Ctx, MemIn, Size, Anything, Anything],
    ),
    row(
        Helper::SkcLookupTcp,
        XDP | SCHED | CGROUP,
        PACKET,
        SockCommonOrNull,
        &[Ctx, MemIn, Size, Anything, Anything],
    ),
    row(Helper::SkRelease, XDP | SCHED | CGROUP, 0, Integer, &[SocketGivenUp]),
    row(Helper::Strtol, ALL, 0, Integer, &[MemIn, Size, Anything, FixedOut(8)]),
    row(Helper::Strtoul, ALL, 0, Integer, &[MemIn, Size, Anything, FixedOut(8)]),
    row(Helper::GetCurrentPidTgid, ALL, 0, Integer, &[]),
    row(Helper::GetCurrentUidGid, ALL, 0, Integer, &[]),
    row(Helper::GetCurrentTask, ALL, GPL, Integer, &[]),
    row(Helper::GetCurrentCgroupId, ALL, 0, Integer, &[]),
    row(Helper::GetCurrentComm, ALL, 0, Integer, &[MemOut, Size]),
    row(Helper::SkbCgroupId, SCHED | CGROUP, 0, Integer, &[Ctx]),
    row(Helper::SkbAncestorCgroupId, SCHED | CGROUP, 0, Integer, &[Ctx, Anything]),
    row(Helper::SkbEcnSetCe, SCHED | CGROUP, 0, Integer, &[Ctx]),
    row(Helper::SkbCgroupClassid, SCHED, 0, Integer, &[Ctx]),
    row(Helper::SkbSetTstamp, SCHED, 0, Integer, &[Ctx, Anything, Anything]),
    row(Helper::SetHash, SCHED, 0, Integer, &[Ctx, Anything]),
    row(Helper::SendSignal, ALL, 0, Integer, &[Anything]),
    row(Helper::SendSignalThread, ALL, 0, Integer, &[Anything]),
    row(Helper::GetCurrentAncestorCgroupId, ALL, 0, Integer, &[Anything]),
    row(Helper::SpinLock, ALL, 0, Void, &[SpinLock]),
    row(Helper::SpinUnlock, ALL, 0, Void, &[SpinLock]),
    row(Helper::Loop, ALL, 0, Integer, &[Rounds, Callback, StackOrNull, Anything]),
    row(Helper::ForEachMapElem, ALL, 0, Integer, &[Map, Callback, StackOrNull, Anything]),
    row(Helper::SkbGetTunnelOpt, SCHED, 0, Integer, &[Ctx, MemOut, Size]),
    row(Helper::SkbSetTunnelOpt, SCHED, 0, Integer, &[Ctx, MemIn, Size]),
];

/// Helpers that exist but aren't modelled: the program types that have them, and how many arguments they take.
///
/// Source: the answers of kernel 6.18.44 to a call of each helper by each program type.
static OTHERS: &[(Helper, u8, u8)] = &[
    (Helper::PerfEventRead, 15, 2),
    (Helper::SkbUnderCgroup, 4, 3),
    (Helper::CurrentTaskUnderCgroup, 15, 2),
    (Helper::PerfEventReadValue, 15, 4),
    (Helper::SkbGetXfrmState, 4, 5),
    (Helper::GetLocalStorage, 8, 2),
    (Helper::SkFullsock, 12, 1),
    (Helper::TcpSock, 12, 1),
    (Helper::GetListenerSock, 12, 1),
    (Helper::TcpCheckSyncookie, 5, 5),
    (Helper::SkStorageGet, 12, 4),
    (Helper::SkStorageDelete, 12, 2),
    (Helper::TcpGenSyncookie, 5, 5),
    (Helper::ProbeReadUser, 15, 3),
    (Helper::ProbeReadKernel, 15, 3),
    (Helper::ProbeReadUserStr, 15, 3),
    (Helper::ProbeReadKernelStr, 15, 3),
    (Helper::GetNsCurrentPidTgid, 15, 4),
    (Helper::GetNetnsCookie, 14, 1),
    (Helper::SkAssign, 4, 3),
    (Helper::SkCgroupId, 8, 1),
    (Helper::SkAncestorCgroupId, 8, 2),
    (Helper::SkcToTcp6Sock, 15, 1),
    (Helper::SkcToTcpSock, 15, 1),
    (Helper::SkcToTcpTimewaitSock, 15, 1),
    (Helper::SkcToTcpRequestSock, 15, 1),
    (Helper::SkcToUdp6Sock, 15, 1),
    (Helper::GetTaskStack, 15, 4),
    (Helper::CopyFromUser, 15, 3),
    (Helper::SnprintfBtf, 15, 5),
    (Helper::PerCpuPtr, 15, 2),
    (Helper::ThisCpuPtr, 15, 1),
    (Helper::TaskStorageGet, 15, 4),
    (Helper::TaskStorageDelete, 15, 2),
    (Helper::GetCurrentTaskBtf, 15, 0),
    (Helper::Snprintf, 15, 5),
    (Helper::TimerInit, 15, 3),
    (Helper::TimerSetCallback, 15, 2),
    (Helper::TimerStart, 15, 3),
    (Helper::TimerCancel, 15, 1),
    (Helper::TaskPtRegs, 15, 1),
    (Helper::GetBranchSnapshot, 15, 2),
    (Helper::TraceVprintk, 15, 4),
    (Helper::SkcToUnixSock, 15, 1),
    (Helper::FindVma, 15, 5),
    (Helper::Strncmp, 15, 3),
    (Helper::CopyFromUserTask, 15, 5),
    (Helper::KptrXchg, 15, 2),
    (Helper::SkcToMptcpSock, 15, 1),
    (Helper::DynptrFromMem, 15, 4),
    (Helper::RingbufReserveDynptr, 15, 4),
    (Helper::RingbufSubmitDynptr, 15, 2),
    (Helper::RingbufDiscardDynptr, 15, 2),
    (Helper::DynptrRead, 15, 5),
    (Helper::DynptrWrite, 15, 5),
    (Helper::DynptrData, 15, 3),
    (Helper::TcpRawGenSyncookieIpv4, 5, 3),
    (Helper::TcpRawGenSyncookieIpv6, 5, 3),
    (Helper::TcpRawCheckSyncookieIpv4, 5, 2),
    (Helper::TcpRawCheckSyncookieIpv6, 5, 2),
    (Helper::UserRingbufDrain, 15, 4),
    (Helper::CgrpStorageGet, 15, 4),
    (Helper::CgrpStorageDelete, 15, 2),
];

/// Helpers that program types got later than others: since which version.
///
/// Source: the answers of 6.1.192, 6.12.117 and 6.16.12 to a call of each helper by each program type.
static LATER: &[(Helper, u8, KernelVersion)] = &[
    (Helper::GetCurrentPidTgid, ALL, V6_10),
    (Helper::GetNsCurrentPidTgid, ALL, V6_10),
    (Helper::GetNetnsCookie, SKB, V6_15),
    (Helper::GetCgroupClassid, XDP | FILTER | CGROUP, V6_16),
    (Helper::PerfEventRead, ALL, V6_16),
    (Helper::PerfEventReadValue, ALL, V6_16),
    (Helper::GetCurrentUidGid, ALL, V6_16),
    (Helper::GetCurrentComm, ALL, V6_16),
    (Helper::CurrentTaskUnderCgroup, ALL, V6_16),
    (Helper::SendSignal, ALL, V6_16),
    (Helper::SendSignalThread, ALL, V6_16),
    (Helper::GetTaskStack, ALL, V6_16),
    (Helper::CopyFromUser, ALL, V6_16),
    (Helper::CopyFromUserTask, ALL, V6_16),
    (Helper::TaskStorageGet, ALL, V6_16),
    (Helper::TaskStorageDelete, ALL, V6_16),
    (Helper::GetBranchSnapshot, ALL, V6_16),
    (Helper::FindVma, ALL, V6_16),
];

const V6_10: KernelVersion = KernelVersion::new(6, 10);
const V6_15: KernelVersion = KernelVersion::new(6, 15);
const V6_16: KernelVersion = KernelVersion::new(6, 16);

/// Helpers that need CAP_PERFMON, since they show what the kernel's memory holds or act on tasks.
///
/// Source: the answers of kernel 6.18.44 to a call of each helper with and without.
static WITH_PERFMON: &[Helper] = &[
    Helper::TracePrintk,
    Helper::GetCurrentComm,
    Helper::PerfEventRead,
    Helper::GetCurrentTask,
    Helper::PerfEventReadValue,
    Helper::SendSignal,
    Helper::ProbeReadUser,
    Helper::ProbeReadKernel,
    Helper::ProbeReadUserStr,
    Helper::ProbeReadKernelStr,
    Helper::SendSignalThread,
    Helper::SkcToTcp6Sock,
    Helper::SkcToTcpSock,
    Helper::SkcToTcpTimewaitSock,
    Helper::SkcToTcpRequestSock,
    Helper::SkcToUdp6Sock,
    Helper::GetTaskStack,
    Helper::CopyFromUser,
    Helper::SnprintfBtf,
    Helper::GetCurrentTaskBtf,
    Helper::Snprintf,
    Helper::TaskPtRegs,
    Helper::GetBranchSnapshot,
    Helper::TraceVprintk,
    Helper::SkcToUnixSock,
    Helper::FindVma,
    Helper::CopyFromUserTask,
    Helper::SkcToMptcpSock,
];

/// What is known of a helper for a program type.
pub(crate) enum Known {
    /// It may be called.
    Here(&'static Prototype),
    /// Programs of this type have it not.
    Elsewhere,
    /// It isn't modelled; it takes so many arguments.
    Unmodelled(u8),
}

/// Who calls a helper, and on which kernel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caller {
    pub(crate) prog_type: ProgType,
    /// Whether the loader has CAP_PERFMON.
    pub(crate) perfmon: bool,
    pub(crate) kernel: KernelVersion,
}

/// Looks a helper up.
pub(crate) fn find(helper: Helper, caller: Caller) -> Known {
    if !caller.perfmon && WITH_PERFMON.contains(&helper) {
        return Known::Elsewhere;
    }
    let bit = match caller.prog_type {
        ProgType::Xdp => XDP,
        ProgType::SocketFilter => FILTER,
        ProgType::SchedCls => SCHED,
        ProgType::CgroupSkb => CGROUP,
        _ => 0,
    };
    let comes_later = |&(later, programs, since): &(Helper, u8, KernelVersion)| {
        later == helper && programs & bit != 0 && caller.kernel < since
    };
    if LATER.iter().any(comes_later) {
        return Known::Elsewhere;
    }
    let rows = || PROTOTYPES.iter().filter(|row| row.helper == helper);
    match rows().find(|row| row.programs & bit != 0) {
        Some(row) => Known::Here(row),
        None if rows().next().is_some() => Known::Elsewhere,
        None => match OTHERS.iter().find(|(other, ..)| *other == helper) {
            Some(&(_, programs, arguments)) if programs & bit != 0 => Known::Unmodelled(arguments),
            _ => Known::Elsewhere,
        },
    }
}
