//! Whether a kernel makes the maps that a program names: no program can be loaded with one that doesn't exist.

use knockwright_asm::MapType;
use knockwright_asm::linux::uapi::map_flags::{
    BPF_F_RDONLY, BPF_F_RDONLY_PROG, BPF_F_WRONLY, BPF_F_WRONLY_PROG,
};

use crate::program::{MapInfo, Subject};
use crate::stop::{Checked, Stop};

/// The largest value of a map that has one for each processor, in bytes: `PCPU_MIN_UNIT_SIZE`.
const MAX_PERCPU_VALUE: u32 = 32 << 10;
/// What the kernel's allocator gives in one piece at most, in bytes, on x86-64: `KMALLOC_MAX_SIZE`.
const MAX_PIECE: u32 = 4 << 20;

/// The flags of maps, with some together.
mod flag {
    use super::{BPF_F_RDONLY, BPF_F_RDONLY_PROG, BPF_F_WRONLY, BPF_F_WRONLY_PROG};
    pub(super) use knockwright_asm::linux::uapi::map_flags::{
        BPF_F_INNER_MAP as INNER_MAP, BPF_F_MMAPABLE as MMAPABLE, BPF_F_NO_COMMON_LRU as NO_COMMON_LRU,
        BPF_F_NO_PREALLOC as NO_PREALLOC, BPF_F_NUMA_NODE as NUMA_NODE,
        BPF_F_PRESERVE_ELEMS as PRESERVE_ELEMS, BPF_F_ZERO_SEED as ZERO_SEED,
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
}

/// Stops where a map can't be made. What isn't known of a kind isn't asked.
pub(crate) fn check_made(subject: &Subject) -> Checked {
    for map in &subject.maps {
        if let Some(reason) = refused(map) {
            return Err(Stop::unsupported(format!("map `{}`, which no kernel makes: {reason}", map.name)));
        }
    }
    Ok(())
}

/// Why no kernel makes a map.
///
/// Source: the `map_alloc_check` of each kind in `kernel/bpf`. Limits that depend on the machine's memory aren't known.
fn refused(map: &MapInfo) -> Option<String> {
    let Demand { keys, values, flags, needed } = demand(map.map_type)?;
    let kind = map.map_type;
    if !keys.contains(&map.key_size) {
        return Some(format!("keys of {} bytes in a map of kind {kind}", map.key_size));
    }
    if !values.contains(&map.value_size) || kind_of_fours(kind) && !matches!(map.value_size, 4 | 8) {
        return Some(format!("values of {} bytes in a map of kind {kind}", map.value_size));
    }
    // Loaders give the one an entry for each processor, and round the size of ring buffers up.
    if map.max_entries == 0 && kind != MapType::PerfEventArray {
        return Some(format!("no entries in a map of kind {kind}"));
    }
    let both = BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG;
    if map.flags & !flags != 0 || map.flags & needed != needed || map.flags & both == both {
        return Some(format!("flags {:#x} of a map of kind {kind}", map.flags));
    }
    None
}

/// Whether the values are an interface or a processor, alone or with a program.
const fn kind_of_fours(kind: MapType) -> bool {
    matches!(kind, MapType::Devmap | MapType::DevmapHash | MapType::Cpumap)
}

fn demand(kind: MapType) -> Option<Demand> {
    use flag::{
        INNER_MAP, MMAPABLE, NO_COMMON_LRU, NO_PREALLOC, NUMA_NODE, PRESERVE_ELEMS, PROG_ACCESS, USER_ACCESS,
        ZERO_SEED,
    };
    let access = USER_ACCESS | PROG_ACCESS;
    let any = 1..=MAX_PIECE;
    let table =
        |values, extra| Demand { keys: any.clone(), values, flags: ZERO_SEED | access | extra, needed: 0 };
    let indexed = |values, flags| Demand { keys: 4..=4, values, flags, needed: 0 };
    Some(match kind {
        MapType::Hash => table(any.clone(), NO_PREALLOC | NUMA_NODE),
        MapType::PercpuHash => table(1..=MAX_PERCPU_VALUE, NO_PREALLOC),
        MapType::LruHash => table(any.clone(), NO_COMMON_LRU | NUMA_NODE),
        MapType::LruPercpuHash => table(1..=MAX_PERCPU_VALUE, NO_COMMON_LRU),
        MapType::Array => indexed(1..=i32::MAX as u32, NUMA_NODE | access | MMAPABLE | INNER_MAP),
        MapType::PercpuArray => indexed(1..=MAX_PERCPU_VALUE, access),
        MapType::ProgArray | MapType::CgroupArray => indexed(4..=4, NUMA_NODE | USER_ACCESS),
        MapType::PerfEventArray => indexed(4..=4, NUMA_NODE | USER_ACCESS | PRESERVE_ELEMS),
        MapType::Devmap | MapType::DevmapHash => indexed(4..=8, NUMA_NODE | USER_ACCESS),
        MapType::Cpumap => indexed(4..=8, NUMA_NODE),
        MapType::Xskmap => indexed(4..=4, NUMA_NODE | USER_ACCESS),
        MapType::Queue | MapType::Stack => {
            Demand { keys: 0..=0, values: any, flags: NUMA_NODE | access, needed: 0 }
        }
        MapType::Ringbuf => Demand { keys: 0..=0, values: 0..=0, flags: NUMA_NODE, needed: 0 },
        MapType::LpmTrie => Demand {
            keys: 5..=260,
            values: any,
            flags: NO_PREALLOC | NUMA_NODE | access,
            needed: NO_PREALLOC,
        },
        _ => return None,
    })
}
