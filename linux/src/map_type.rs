//! The kinds of maps, each a row.
//!
//! Sources: `include/uapi/linux/bpf.h`, `enum bpf_map_type`; the tables of operations (`struct bpf_map_ops`) in
//! `kernel/bpf/*map*.c` and `net/core/*map*.c`; `kernel/bpf/syscall.c`, `bpf_map_value_size` and `IS_FD_MAP`.

use crate::KernelVersion;
use crate::uapi::{map_flags, uapi_enum};

/// What Linux says of a kind of map.
#[derive(Debug)]
#[non_exhaustive]
pub struct Facts {
    /// The first kernel that has it.
    pub since: KernelVersion,
    /// The size that keys must have, in bytes, if it's fixed.
    pub key_size: Option<u32>,
    /// What user space reads and writes as a value.
    pub values: Values,
    /// What a lookup by a program gives.
    pub lookup: Lookup,
    /// What `ld_imm64` of the address of a value does.
    pub direct: Direct,
    /// Its keys are the numbers below the number of entries, and all are there.
    pub is_array: bool,
    /// A program's function can be called back for each element.
    pub each: bool,
    /// The kernel's struct that programs may look into through a pointer to the map.
    pub kernel_struct: Option<&'static str>,
    /// The kernel binds it to the first program, or kind of program, that uses it.
    pub bound: bool,
    /// The kernel makes it only with the types of its keys and values.
    pub needs_types: bool,
    /// The kernel makes it with the types of its keys and values too.
    pub takes_types: bool,
}

/// What user space reads and writes as the value of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// The value.
    One,
    /// A value for each possible processor, each rounded up to 8 bytes.
    PerCpu,
    /// A file descriptor or an id of 4 bytes.
    Descriptors,
}

/// What a program finds by `bpf_map_lookup_elem`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup {
    /// The value of an element, or NULL.
    MapValue,
    /// Something else than a value: a map, a socket.
    Object,
}

/// What a program may do with the address of a value in its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direct {
    /// The kernel refuses it.
    Refused,
    /// It's the address of the value, if the map has one entry.
    Allowed,
    /// It's something else than the address of a value.
    Other,
}

/// `BPF_F_NO_PREALLOC`, a flag of creation: elements are allocated one by one, which prefix tries want.
pub const NO_PREALLOC: u32 = map_flags::BPF_F_NO_PREALLOC;
/// `BPF_F_NUMA_NODE`, a flag of creation: the map is in the memory of a node that's named.
pub const NUMA_NODE: u32 = map_flags::BPF_F_NUMA_NODE;
/// `BPF_F_RDONLY`, a flag of creation: system calls can't write the map through the descriptor.
pub const RDONLY: u32 = map_flags::BPF_F_RDONLY;
/// `BPF_F_WRONLY`, a flag of creation: system calls can't read the map through the descriptor.
pub const WRONLY: u32 = map_flags::BPF_F_WRONLY;
/// `BPF_F_INNER_MAP`, a flag of creation: arrays of other lengths may take the array's place in a map of maps.
pub const ANY_LENGTH: u32 = map_flags::BPF_F_INNER_MAP;
/// `BPF_F_RDONLY_PROG`, a flag of creation: programs can't write the map.
pub const RDONLY_PROG: u32 = map_flags::BPF_F_RDONLY_PROG;
/// `BPF_F_WRONLY_PROG`, a flag of creation: programs can't read the map.
pub const WRONLY_PROG: u32 = map_flags::BPF_F_WRONLY_PROG;
/// `BPF_F_MMAPABLE`, a flag of creation: user space can map its values into memory.
pub const MMAPABLE: u32 = map_flags::BPF_F_MMAPABLE;

/// How an element is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u64)]
pub enum Update {
    /// Create it or replace it (`BPF_ANY`).
    #[default]
    Any = map_flags::BPF_ANY as u64,
    /// Create it; `EEXIST` if it's there (`BPF_NOEXIST`).
    Create = map_flags::BPF_NOEXIST as u64,
    /// Replace it; `ENOENT` if it isn't there (`BPF_EXIST`).
    Replace = map_flags::BPF_EXIST as u64,
}

const fn v(major: u16, minor: u16) -> KernelVersion {
    KernelVersion::new(major, minor)
}

/// A map with nothing special.
const ROW: Facts = Facts {
    since: v(3, 19),
    key_size: None,
    values: Values::One,
    lookup: Lookup::MapValue,
    direct: Direct::Refused,
    is_array: false,
    each: false,
    kernel_struct: None,
    bound: false,
    needs_types: false,
    takes_types: true,
};

const HASH: Facts = Facts { each: true, kernel_struct: Some("bpf_htab"), ..ROW };
const INDEXED: Facts = Facts { key_size: Some(4), ..ROW };
const ARRAY: Facts = Facts { is_array: true, each: true, kernel_struct: Some("bpf_array"), ..INDEXED };
const DESCRIPTORS: Facts = Facts { values: Values::Descriptors, ..INDEXED };
const STORAGE: Facts = Facts { key_size: Some(4), needs_types: true, ..ROW };

macro_rules! map_types {
    ($($variant:ident = $number:literal $text:literal { $($facts:tt)* })*) => {
        uapi_enum! {
            /// The kind of a map.
            MapType, "map type", "BPF_MAP_TYPE_" { $($variant = $number $text,)* }
        }

        impl MapType {
            /// What Linux says of the kind.
            pub fn facts(self) -> &'static Facts {
                /// The rows, in the order of the numbers, which start at 1.
                static ROWS: &[Facts] = &[$(Facts { $($facts)* }),*];
                &ROWS[self as usize - 1]
            }
        }
    };
}

map_types! {
    Hash = 1 "hash" { ..HASH }
    Array = 2 "array" { direct: Direct::Allowed, ..ARRAY }
    ProgArray = 3 "prog_array" { since: v(4, 2), bound: true, kernel_struct: Some("bpf_array"), ..DESCRIPTORS }
    PerfEventArray = 4 "perf_event_array" { since: v(4, 3), kernel_struct: Some("bpf_array"), takes_types: false, ..DESCRIPTORS }
    PercpuHash = 5 "percpu_hash" { since: v(4, 6), values: Values::PerCpu, ..HASH }
    PercpuArray = 6 "percpu_array" { since: v(4, 6), values: Values::PerCpu, ..ARRAY }
    StackTrace = 7 "stack_trace" { since: v(4, 6), takes_types: false, ..INDEXED }
    CgroupArray = 8 "cgroup_array" { since: v(4, 8), takes_types: false, ..DESCRIPTORS }
    LruHash = 9 "lru_hash" { since: v(4, 10), ..HASH }
    LruPercpuHash = 10 "lru_percpu_hash" { since: v(4, 10), values: Values::PerCpu, ..HASH }
    LpmTrie = 11 "lpm_trie" { since: v(4, 11), ..ROW }
    ArrayOfMaps = 12 "array_of_maps" { since: v(4, 12), lookup: Lookup::Object, takes_types: false, ..DESCRIPTORS }
    HashOfMaps = 13 "hash_of_maps" { since: v(4, 12), values: Values::Descriptors, lookup: Lookup::Object, takes_types: false, ..ROW }
    Devmap = 14 "devmap" { since: v(4, 14), bound: true, takes_types: false, ..INDEXED }
    Sockmap = 15 "sockmap" { since: v(4, 14), lookup: Lookup::Object, takes_types: false, ..INDEXED }
    Cpumap = 16 "cpumap" { since: v(4, 15), bound: true, takes_types: false, ..INDEXED }
    Xskmap = 17 "xskmap" { since: v(4, 18), lookup: Lookup::Object, takes_types: false, ..INDEXED }
    Sockhash = 18 "sockhash" { since: v(4, 18), lookup: Lookup::Object, takes_types: false, ..ROW }
    CgroupStorage = 19 "cgroup_storage" { since: v(4, 19), bound: true, ..ROW }
    ReuseportSockarray = 20 "reuseport_sockarray" { since: v(4, 19), ..INDEXED }
    PercpuCgroupStorage = 21 "percpu_cgroup_storage" { since: v(4, 20), values: Values::PerCpu, bound: true, ..ROW }
    Queue = 22 "queue" { since: v(4, 20), key_size: Some(0), takes_types: false, ..ROW }
    Stack = 23 "stack" { since: v(4, 20), key_size: Some(0), takes_types: false, ..ROW }
    SkStorage = 24 "sk_storage" { since: v(5, 2), ..STORAGE }
    DevmapHash = 25 "devmap_hash" { since: v(5, 4), bound: true, takes_types: false, ..INDEXED }
    StructOps = 26 "struct_ops" { since: v(5, 6), needs_types: true, ..INDEXED }
    Ringbuf = 27 "ringbuf" { since: v(5, 8), key_size: Some(0), ..ROW }
    InodeStorage = 28 "inode_storage" { since: v(5, 10), ..STORAGE }
    TaskStorage = 29 "task_storage" { since: v(5, 11), ..STORAGE }
    BloomFilter = 30 "bloom_filter" { since: v(5, 16), key_size: Some(0), ..ROW }
    UserRingbuf = 31 "user_ringbuf" { since: v(6, 1), key_size: Some(0), ..ROW }
    CgrpStorage = 32 "cgrp_storage" { since: v(6, 2), ..STORAGE }
    Arena = 33 "arena" { since: v(6, 9), key_size: Some(0), direct: Direct::Other, takes_types: false, ..ROW }
    InsnArray = 34 "insn_array" { since: v(6, 19), bound: true, direct: Direct::Other, ..INDEXED }
}
