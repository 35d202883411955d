//! The words that cases are written with: instructions, expectations, and the openings that many programs share.

pub(super) use knockwright_asm::ProgType::{
    CgroupSkb, Kprobe, RawTracepointWritable, SchedCls, SocketFilter, Xdp,
};
pub(super) use knockwright_asm::Reg::{R0, R1, R2, R3, R4, R5, R6, R7, R10};
pub(super) use knockwright_asm::Size::{U8, U16, U32, U64};
pub(super) use knockwright_asm::linux::uapi::map_flags::{
    BPF_F_NO_PREALLOC, BPF_F_RDONLY_PROG, BPF_F_WRONLY_PROG,
};
pub(super) use knockwright_asm::linux::uapi::prog_flags::{BPF_F_SLEEPABLE, BPF_F_STRICT_ALIGNMENT};
pub(super) use knockwright_asm::opcode::{self, pseudo, size};
pub(super) use knockwright_asm::{
    AbsSize, Asm, AtomicSize, Cast, Extent, Helper, HelperId, Imm64, Insn, Label, Linkage, MapDef, MapRef,
    MapType, Slot, SwapBits, SxSize,
};

pub(super) use crate::case::{Case, Class, Twin};
pub(super) use crate::errno::{E2BIG, EACCES, EBADF, EFAULT, EINVAL, ENOENT, EPERM};
pub(super) use crate::expectation::Change::{Errno, Message, Processed, To};
pub(super) use crate::expectation::{accept, accept_silently, refuse, refuse_silently, reject, state};
pub(super) use crate::kernel_range::{ALL, between, only, since, until};

use knockwright_asm::{BpfType, Member, StructType, Type};

/// A value with a lock, and a number after it.
const LOCKED: Type = Type::Struct(&StructType {
    name: "value",
    size: 8,
    align: 4,
    members: &[
        Member { name: "lock", offset: 0, ty: LOCK },
        Member { name: "count", offset: 4, ty: u32::TYPE },
    ],
});

/// `struct bpf_spin_lock` as the kernel knows it.
const LOCK: Type = Type::Struct(&StructType {
    name: "bpf_spin_lock",
    size: 4,
    align: 4,
    members: &[Member { name: "val", offset: 0, ty: u32::TYPE }],
});

/// The lookup's key: fp-4.
const KEY: i32 = -4;

/// A hash map `m` from a number to `value_size` bytes.
#[track_caller]
pub(super) fn hash_map(a: &mut Asm, value_size: u32) -> MapRef {
    a.map(MapDef::of("m", MapType::Hash, Extent::of::<u32>(), Extent::Bytes(value_size), 16))
}

/// `r0 = bpf_map_lookup_elem(m, &0)`, slots 0 to 5.
#[track_caller]
pub(super) fn lookup(a: &mut Asm, value_size: u32) -> MapRef {
    let map = hash_map(a, value_size);
    lookup_in(a, map);
    map
}

#[track_caller]
fn lookup_in(a: &mut Asm, map: MapRef) {
    a.store(U32, R10 + KEY, 0);
    a.mov(R2, R10);
    a.add(R2, KEY);
    a.load_map(R1, map);
    a.call(Helper::MapLookupElem);
}

/// The lookup and its NULL check, slots 0 to 6: `r0` is a map value of `m`.
#[track_caller]
pub(super) fn found_value(a: &mut Asm, value_size: u32, out: Label) {
    lookup(a, value_size);
    a.goto_if(R0.eq(0), out);
}

/// As [`found_value`], in a map of another shape.
#[track_caller]
pub(super) fn found_in(a: &mut Asm, map: MapDef, out: Label) {
    let map = a.map(map);
    lookup_in(a, map);
    a.goto_if(R0.eq(0), out);
}

/// `r1` is the only value of an array: a lock, and a number at 4. Takes two slots; wants the types of maps.
#[track_caller]
pub(super) fn locked_value(a: &mut Asm) {
    let value = Extent::Typed(LOCKED.into());
    let map = a.map(MapDef::of("values", MapType::Array, Extent::of::<u32>(), value, 1));
    a.load_map_value(R1, map, 0);
}

/// `r0 = bpf_ringbuf_reserve(events, size, 0)`, slots 0 to 4.
#[track_caller]
pub(super) fn reserve(a: &mut Asm, size: i32) {
    let events = a.map(MapDef::ring_buffer("events", 4096));
    a.load_map(R1, events);
    a.mov(R2, size);
    a.mov(R3, 0);
    a.call(Helper::RingbufReserve);
}

/// `r2 = data`, `r3 = data_end` of `struct xdp_md`.
#[track_caller]
pub(super) fn packet(a: &mut Asm) {
    a.load(U32, R2, R1 + 0);
    a.load(U32, R3, R1 + 4);
}

/// `r2 = data`, `r3 = data_end` of `struct __sk_buff`.
#[track_caller]
pub(super) fn skb_packet(a: &mut Asm) {
    a.load(U32, R2, R1 + 76);
    a.load(U32, R3, R1 + 80);
}

/// `bpf_csum_diff(r1, r2, NULL, 0, 0)`: reads `r2` bytes at `r1`.
#[track_caller]
pub(super) fn checksum(a: &mut Asm) {
    a.mov(R3, 0);
    a.mov(R4, 0);
    a.mov(R5, 0);
    a.call(Helper::CsumDiff);
}

/// `calls` functions of which each calls the next.
#[track_caller]
pub(super) fn call_chain(a: &mut Asm, calls: usize) {
    let functions: Vec<_> =
        (1..=calls).map(|depth| a.function(&format!("depth_{depth}"), Linkage::Static, &[])).collect();
    for function in functions {
        a.call_function(function);
        a.exit();
        a.begin(function);
    }
    a.mov(R0, 2);
    a.exit();
}

/// `jumps` conditional jumps on an unknown number, each to the end.
#[track_caller]
pub(super) fn conditional_jumps(a: &mut Asm, jumps: i32) {
    let out = a.label("out");
    a.load(U32, R0, R1 + 16);
    for number in 0..jumps {
        a.goto_if(R0.eq(number), out);
    }
    a.bind(out);
    a.exit();
}

/// `count` times `r0 = 2`: work that is walked and does nothing.
#[track_caller]
pub(super) fn moves(a: &mut Asm, count: usize) {
    for _ in 0..count {
        a.mov(R0, 2);
    }
}
