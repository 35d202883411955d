//! Whether a kernel makes the maps that a program names: no program can be loaded with one that doesn't exist.

use knockwright_asm::linux::limits::{MAX_BPF_STACK, PERF_MAX_STACK_DEPTH};
use knockwright_asm::linux::uapi::map_flags::{
    BPF_F_RDONLY, BPF_F_RDONLY_PROG, BPF_F_WRONLY, BPF_F_WRONLY_PROG,
};

use knockwright_asm::{KernelVersion, MapType};

use crate::program::{MapInfo, Subject};
use crate::stop::{Checked, E2BIG, EINVAL, ENOTSUPP, Stop};

/// The largest value of a map that has one for each processor, in bytes: `PCPU_MIN_UNIT_SIZE`.
const MAX_PERCPU_VALUE: u32 = 32 << 10;
/// What the kernel's allocator gives in one piece at most, in bytes, on x86-64: `KMALLOC_MAX_SIZE`.
const MAX_PIECE: u32 = 4 << 20;

/// The flags of maps, with some together.
mod flag {
    use super::{BPF_F_RDONLY, BPF_F_RDONLY_PROG, BPF_F_WRONLY, BPF_F_WRONLY_PROG};
    pub(super) use knockwright_asm::linux::uapi::map_flags::{
        BPF_F_CLONE as CLONE, BPF_F_INNER_MAP as INNER_MAP, BPF_F_MMAPABLE as MMAPABLE,
        BPF_F_NO_COMMON_LRU as NO_COMMON_LRU, BPF_F_NO_PREALLOC as NO_PREALLOC,
        BPF_F_NO_USER_CONV as NO_USER_CONV, BPF_F_NUMA_NODE as NUMA_NODE,
        BPF_F_PRESERVE_ELEMS as PRESERVE_ELEMS, BPF_F_SEGV_ON_FAULT as SEGV_ON_FAULT,
        BPF_F_STACK_BUILD_ID as STACK_BUILD_ID, BPF_F_ZERO_SEED as ZERO_SEED,
    };

    pub(super) const USER_ACCESS: u32 = BPF_F_RDONLY | BPF_F_WRONLY;
    pub(super) const PROG_ACCESS: u32 = BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG;
}

/// What the kernel asks of the maps of a kind.
struct Demand {
    /// The sizes that keys may have, in bytes.
    keys: std::ops::RangeInclusive<u32>,
    /// The sizes that values may have, in bytes.
    values: std::ops::RangeInclusive<u32>,
    /// The flags that they may have.
    flags: u32,
    /// The flags that they must have.
    needed: u32,
    entries: Entries,
}

/// How many entries maps of a kind may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entries {
    /// One at least.
    Some,
    /// As loaders say: for each processor one where there is none.
    Any,
    /// None: they come as they are used.
    None,
    /// Bytes of pages, in a number that is a power of two.
    Pages,
}

/// The length of a page in bytes, on x86-64.
const PAGE: u32 = 4096;
/// The bytes of a frame of a stack trace, by address or by the build of its file and the offset there.
const FRAME: u32 = 8;
const BUILD_FRAME: u32 = 32;
/// The largest value of a storage, in bytes: `BPF_LOCAL_STORAGE_MAX_VALUE_SIZE`, a length of 16 bits less what stands before it,
/// which isn't the same on each kernel; here what all have.
const MAX_STORAGE: u32 = 65_000;
/// The most hashes of a bloom filter.
const MAX_HASHES: u64 = 15;

/// Why a map isn't made: an error number, and the words.
type Refused = (i32, String);

/// Stops where a map can't be made. What isn't known of a kind isn't asked.
pub(crate) fn check_made(subject: &Subject, kernel: KernelVersion) -> Checked {
    for map in &subject.maps {
        if let Some((errno, reason)) = refused(map, kernel) {
            let what = format!("map `{}`, which no kernel makes: {reason}", map.name);
            return Err(Stop::NoMap { errno, what });
        }
    }
    Ok(())
}

/// Why the kernel doesn't make a map.
///
/// Source: the `map_alloc_check` of each kind in `kernel/bpf` and `net/core`, and `map_create` of `kernel/bpf/syscall.c`. Limits
/// that depend on the machine's memory aren't known.
fn refused(map: &MapInfo, kernel: KernelVersion) -> Option<Refused> {
    let kind = map.map_type;
    let facts = kind.facts();
    if facts.since > kernel {
        return Some((EINVAL, format!("kind {kind}, which Linux has since {}", facts.since)));
    }
    if facts.needs_types && (!map.typed || kind == MapType::StructOps) {
        return Some((EINVAL, format!("no types of a map of kind {kind}")));
    }
    if !takes_extra(kind, map.extra) {
        return Some((EINVAL, format!("`map_extra` {:#x} of a map of kind {kind}", map.extra)));
    }
    refused_inner(map, kernel).or_else(|| refused_numbers(map))
}

/// Why the kernel doesn't make a map of such numbers and flags.
fn refused_numbers(map: &MapInfo) -> Option<Refused> {
    let kind = map.map_type;
    let Demand { keys, values, flags, needed, entries } = demand(kind)?;
    let errno = |is_too_large: bool| if is_too_large { E2BIG } else { EINVAL };
    if !keys.contains(&map.key_size) || is_storage_of_groups(kind) && !matches!(map.key_size, 8 | 16) {
        let is_too_large = map.key_size > *keys.end() && has_large_keys(kind);
        return Some((
            errno(is_too_large),
            format!("keys of {} bytes in a map of kind {kind}", map.key_size),
        ));
    }
    let is_odd = kind == MapType::StackTrace && !is_trace(map);
    if !values.contains(&map.value_size) || kind_of_fours(kind) && !matches!(map.value_size, 4 | 8) || is_odd
    {
        let is_too_large = map.value_size > *values.end() && has_large_values(kind);
        let what = format!("values of {} bytes in a map of kind {kind}", map.value_size);
        return Some((errno(is_too_large), what));
    }
    let is_number = match entries {
        Entries::Some => map.max_entries > 0,
        // Loaders give an entry for each processor.
        Entries::Any => true,
        Entries::None => map.max_entries == 0,
        Entries::Pages => map.max_entries.is_power_of_two() && map.max_entries.is_multiple_of(PAGE),
    };
    if !is_number {
        return Some((EINVAL, format!("{} entries in a map of kind {kind}", map.max_entries)));
    }
    let both = BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG;
    if map.flags & !flags != 0 || map.flags & needed != needed || map.flags & both == both {
        // Elements that are to be thrown away when there are too many are all there from the beginning.
        let is_lazy =
            map.flags & flag::NO_PREALLOC != 0 && matches!(kind, MapType::LruHash | MapType::LruPercpuHash);
        let errno = if is_lazy { ENOTSUPP } else { EINVAL };
        return Some((errno, format!("flags {:#x} of a map of kind {kind}", map.flags)));
    }
    None
}

/// Whether keys of any size are keys, as far as there is room for them.
const fn has_large_keys(kind: MapType) -> bool {
    matches!(
        kind,
        MapType::Hash
            | MapType::PercpuHash
            | MapType::LruHash
            | MapType::LruPercpuHash
            | MapType::HashOfMaps
            | MapType::Sockhash
    )
}

/// The same of values.
const fn has_large_values(kind: MapType) -> bool {
    matches!(
        kind,
        MapType::Hash
            | MapType::PercpuHash
            | MapType::LruHash
            | MapType::LruPercpuHash
            | MapType::Array
            | MapType::PercpuArray
            | MapType::Queue
            | MapType::Stack
            | MapType::BloomFilter
            | MapType::CgroupStorage
            | MapType::PercpuCgroupStorage
            | MapType::SkStorage
            | MapType::InodeStorage
            | MapType::TaskStorage
            | MapType::CgrpStorage
    )
}

/// Whether a kind takes a number more: hashes of a filter, the address of an arena.
fn takes_extra(kind: MapType, extra: u64) -> bool {
    match kind {
        MapType::BloomFilter => extra <= MAX_HASHES,
        MapType::Arena => extra.is_multiple_of(PAGE.into()),
        _ => extra == 0,
    }
}

/// Why the kernel doesn't make a map of maps for those that it's said to hold.
fn refused_inner(map: &MapInfo, kernel: KernelVersion) -> Option<Refused> {
    let kind = map.map_type;
    if !matches!(kind, MapType::ArrayOfMaps | MapType::HashOfMaps) {
        return None;
    }
    let Some(inner) = map.inner.as_deref() else {
        return Some((EINVAL, format!("nothing said of the maps in a map of kind {kind}")));
    };
    // They have no way to tell one from another.
    let is_single = matches!(
        inner.map_type,
        MapType::ArrayOfMaps
            | MapType::HashOfMaps
            | MapType::ProgArray
            | MapType::CgroupStorage
            | MapType::PercpuCgroupStorage
            | MapType::StructOps
    );
    if is_single {
        let is_of_maps = matches!(inner.map_type, MapType::ArrayOfMaps | MapType::HashOfMaps);
        let what = format!("maps of kind {} in a map of kind {kind}", inner.map_type);
        return Some((if is_of_maps { EINVAL } else { ENOTSUPP }, what));
    }
    refused(inner, kernel)
}

/// Whether values hold a stack's frames.
fn is_trace(map: &MapInfo) -> bool {
    let frame = if map.flags & flag::STACK_BUILD_ID != 0 { BUILD_FRAME } else { FRAME };
    map.value_size.is_multiple_of(frame) && map.value_size / frame <= PERF_MAX_STACK_DEPTH
}

/// Whether it's a storage of control groups by the group or by group and attach type.
const fn is_storage_of_groups(kind: MapType) -> bool {
    matches!(kind, MapType::CgroupStorage | MapType::PercpuCgroupStorage)
}

/// Whether the values are of 4 or 8 bytes: an interface or a processor, alone or with a program; a socket, by descriptor or
/// cookie.
const fn kind_of_fours(kind: MapType) -> bool {
    matches!(
        kind,
        MapType::Devmap
            | MapType::DevmapHash
            | MapType::Cpumap
            | MapType::Sockmap
            | MapType::Sockhash
            | MapType::ReuseportSockarray
    )
}

fn demand(kind: MapType) -> Option<Demand> {
    use flag::{
        CLONE, INNER_MAP, MMAPABLE, NO_COMMON_LRU, NO_PREALLOC, NO_USER_CONV, NUMA_NODE, PRESERVE_ELEMS,
        PROG_ACCESS, SEGV_ON_FAULT, STACK_BUILD_ID, USER_ACCESS, ZERO_SEED,
    };
    let access = USER_ACCESS | PROG_ACCESS;
    let any = 1..=MAX_PIECE;
    let of = |keys, values, flags| Demand { keys, values, flags, needed: 0, entries: Entries::Some };
    let table = |values, extra| of(any.clone(), values, ZERO_SEED | access | extra);
    let indexed = |values, flags| of(4..=4, values, flags);
    let storage =
        |keys, values, flags, needed| Demand { needed, entries: Entries::None, ..of(keys, values, flags) };
    Some(match kind {
        MapType::Hash => table(any.clone(), NO_PREALLOC | NUMA_NODE),
        MapType::HashOfMaps => table(4..=4, NO_PREALLOC | NUMA_NODE),
        MapType::PercpuHash => table(1..=MAX_PERCPU_VALUE, NO_PREALLOC),
        MapType::LruHash => table(any.clone(), NO_COMMON_LRU | NUMA_NODE),
        MapType::LruPercpuHash => table(1..=MAX_PERCPU_VALUE, NO_COMMON_LRU),
        MapType::Array => indexed(1..=i32::MAX as u32, NUMA_NODE | access | MMAPABLE | INNER_MAP),
        MapType::PercpuArray => indexed(1..=MAX_PERCPU_VALUE, access),
        MapType::ProgArray | MapType::CgroupArray | MapType::ArrayOfMaps => {
            indexed(4..=4, NUMA_NODE | USER_ACCESS)
        }
        MapType::PerfEventArray => {
            Demand { entries: Entries::Any, ..indexed(4..=4, NUMA_NODE | USER_ACCESS | PRESERVE_ELEMS) }
        }
        MapType::StackTrace => {
            indexed(FRAME..=PERF_MAX_STACK_DEPTH * BUILD_FRAME, NUMA_NODE | USER_ACCESS | STACK_BUILD_ID)
        }
        MapType::Devmap | MapType::DevmapHash | MapType::Sockmap => indexed(4..=8, NUMA_NODE | USER_ACCESS),
        MapType::Sockhash => of(1..=MAX_BPF_STACK, 4..=8, NUMA_NODE | USER_ACCESS),
        MapType::ReuseportSockarray => indexed(4..=8, NUMA_NODE | access),
        MapType::Cpumap => indexed(4..=8, NUMA_NODE),
        MapType::Xskmap => indexed(4..=4, NUMA_NODE | USER_ACCESS),
        MapType::Queue | MapType::Stack => of(0..=0, any, NUMA_NODE | access),
        MapType::BloomFilter => of(0..=0, any, NUMA_NODE | ZERO_SEED | access),
        MapType::Ringbuf | MapType::UserRingbuf => {
            Demand { entries: Entries::Pages, ..of(0..=0, 0..=0, NUMA_NODE) }
        }
        MapType::LpmTrie => {
            Demand { needed: NO_PREALLOC, ..of(5..=260, any, NO_PREALLOC | NUMA_NODE | access) }
        }
        MapType::CgroupStorage => storage(8..=16, 1..=MAX_STORAGE, NUMA_NODE | access, 0),
        MapType::PercpuCgroupStorage => storage(8..=16, 1..=MAX_PERCPU_VALUE, NUMA_NODE | access, 0),
        MapType::SkStorage | MapType::InodeStorage | MapType::TaskStorage | MapType::CgrpStorage => {
            storage(4..=4, 1..=MAX_STORAGE, NO_PREALLOC | CLONE, NO_PREALLOC)
        }
        MapType::Arena => {
            Demand { needed: MMAPABLE, ..of(0..=0, 0..=0, MMAPABLE | SEGV_ON_FAULT | NO_USER_CONV) }
        }
        _ => return None,
    })
}
