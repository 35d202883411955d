//! The fields of contexts: `struct xdp_md` and `struct __sk_buff` of `include/uapi/linux/bpf.h`.

use knockwright_asm::ProgType;

use crate::state::Kind;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// A number.
    Number,
    /// A pointer.
    Pointer(Kind),
    /// A pointer or NULL.
    MaybePointer(Kind),
}

/// The field that an access reads or writes, if the program type may.
pub(crate) fn field(prog_type: ProgType, off: i32, size: u32, write: bool, signed: bool) -> Option<Field> {
    let off = u32::try_from(off).ok()?;
    match prog_type {
        ProgType::Xdp => xdp(off, size, write, signed),
        ProgType::SocketFilter | ProgType::SchedCls | ProgType::SchedAct | ProgType::CgroupSkb => {
            skb(prog_type, off, size, write, signed)
        }
        _ => None,
    }
}

/// Whether the type's context is described here.
pub(crate) fn is_known(prog_type: ProgType) -> bool {
    matches!(prog_type, ProgType::Xdp | ProgType::SocketFilter | ProgType::SchedCls | ProgType::CgroupSkb)
}

fn xdp(off: u32, size: u32, write: bool, signed: bool) -> Option<Field> {
    if write || size != 4 || !off.is_multiple_of(4) || off >= 24 {
        return None;
    }
    let pointer = |kind| (!signed).then_some(Field::Pointer(kind));
    match off {
        0 => pointer(Kind::Packet),
        4 => pointer(Kind::PacketEnd),
        8 => pointer(Kind::PacketMeta),
        // egress_ifindex is for programs in a device map.
        20 => None,
        _ => Some(Field::Number),
    }
}

/// Offsets in `struct __sk_buff`.
mod offset {
    pub(super) const MARK: u32 = 8;
    pub(super) const QUEUE_MAPPING: u32 = 12;
    pub(super) const PRIORITY: u32 = 32;
    pub(super) const TC_INDEX: u32 = 44;
    pub(super) const CB: u32 = 48;
    pub(super) const CB_END: u32 = 68;
    pub(super) const TC_CLASSID: u32 = 72;
    pub(super) const DATA: u32 = 76;
    pub(super) const DATA_END: u32 = 80;
    pub(super) const FAMILY: u32 = 88;
    pub(super) const REMOTE_IP4: u32 = 92;
    pub(super) const REMOTE_PORT: u32 = 132;
    pub(super) const LOCAL_PORT_END: u32 = 140;
    pub(super) const DATA_META: u32 = 140;
    pub(super) const FLOW_KEYS: u32 = 144;
    pub(super) const TSTAMP: u32 = 152;
    pub(super) const WIRE_LEN: u32 = 160;
    pub(super) const SK: u32 = 168;
    pub(super) const TSTAMP_TYPE: u32 = 180;
    pub(super) const HWTSTAMP: u32 = 184;
    pub(super) const END: u32 = 192;
}

fn skb(prog_type: ProgType, off: u32, size: u32, write: bool, signed: bool) -> Option<Field> {
    use offset::*;
    let field = |start: u32, length: u32| (start..start + length).contains(&off);
    let cb = (CB..CB_END).contains(&off);
    let sched = matches!(prog_type, ProgType::SchedCls | ProgType::SchedAct);
    let addresses = (FAMILY..LOCAL_PORT_END).contains(&off);
    let refused = match prog_type {
        ProgType::SocketFilter => {
            field(TC_CLASSID, 4)
                || field(DATA, 4)
                || field(DATA_END, 4)
                || field(DATA_META, 4)
                || addresses
                || field(TSTAMP, 8)
                || field(WIRE_LEN, 4)
                || field(HWTSTAMP, 8)
        }
        ProgType::CgroupSkb => field(TC_CLASSID, 4) || field(DATA_META, 4) || field(WIRE_LEN, 4),
        _ => addresses,
    };
    if refused {
        return None;
    }
    let writable = cb
        || (sched
            && (field(MARK, 4)
                || field(TC_INDEX, 4)
                || field(PRIORITY, 4)
                || field(TC_CLASSID, 4)
                || field(QUEUE_MAPPING, 4)
                || field(TSTAMP, 8)))
        || (prog_type == ProgType::CgroupSkb && (field(MARK, 4) || field(PRIORITY, 4) || field(TSTAMP, 8)));
    if write && !writable {
        return None;
    }
    if off >= END || !off.is_multiple_of(size) {
        return None;
    }
    if sched && off == TSTAMP_TYPE {
        return (size == 1).then_some(Field::Number);
    }
    if cb {
        return (off + size <= CB_END).then_some(Field::Number);
    }
    let pointer = |kind| (size == 4 && !signed).then_some(Field::Pointer(kind));
    if field(DATA, 4) {
        return pointer(Kind::Packet);
    }
    if field(DATA_END, 4) {
        return pointer(Kind::PacketEnd);
    }
    if field(DATA_META, 4) {
        return pointer(Kind::PacketMeta);
    }
    if (REMOTE_IP4..REMOTE_PORT).contains(&off) {
        return (size == 4).then_some(Field::Number);
    }
    if field(FLOW_KEYS, 8) {
        return None;
    }
    if field(TSTAMP, 8) {
        return (size == 8).then_some(Field::Number);
    }
    if field(HWTSTAMP, 8) {
        return (size == 8 && !write).then_some(Field::Number);
    }
    if field(SK, 8) {
        return (size == 8 && !write).then_some(Field::MaybePointer(Kind::SockCommon));
    }
    if (TSTAMP_TYPE..HWTSTAMP).contains(&off) {
        return None;
    }
    let fits = if write { size == 4 } else { size <= 4 };
    fits.then_some(Field::Number)
}
