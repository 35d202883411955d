//! Flags of maps: of their creation, and of look-ups and updates.
//!
//! Source: `include/uapi/linux/bpf.h`; `tests/uapi.rs` compares with the BTF of the running kernel.

use super::constants;

constants! {
    /// Creation: elements are allocated one by one, which prefix tries want.
    BPF_F_NO_PREALLOC: u32 = 1;
    /// Creation: each processor has its own list of what was used last.
    BPF_F_NO_COMMON_LRU: u32 = 1 << 1;
    /// Creation: on the NUMA node that the creation names.
    BPF_F_NUMA_NODE: u32 = 1 << 2;
    /// Creation: user space can't write the map.
    BPF_F_RDONLY: u32 = 1 << 3;
    /// Creation: user space can't read the map.
    BPF_F_WRONLY: u32 = 1 << 4;
    /// Creation: a map of stack traces keeps build ids and offsets.
    BPF_F_STACK_BUILD_ID: u32 = 1 << 5;
    /// Creation: hashes start from zero, for tests.
    BPF_F_ZERO_SEED: u32 = 1 << 6;
    /// Creation: programs can't write the map.
    BPF_F_RDONLY_PROG: u32 = 1 << 7;
    /// Creation: programs can't read the map.
    BPF_F_WRONLY_PROG: u32 = 1 << 8;
    /// Creation: a socket's storage goes to its children too.
    BPF_F_CLONE: u32 = 1 << 9;
    /// Creation: user space can map its values into memory.
    BPF_F_MMAPABLE: u32 = 1 << 10;
    /// Creation: perf events stay when the descriptor that put them in is closed.
    BPF_F_PRESERVE_ELEMS: u32 = 1 << 11;
    /// Creation: an array whose number of entries may differ from that of other inner maps.
    BPF_F_INNER_MAP: u32 = 1 << 12;
    /// Creation: a struct of functions that a link attaches.
    BPF_F_LINK: u32 = 1 << 13;
    /// Creation: the path counts from a descriptor.
    BPF_F_PATH_FD: u32 = 1 << 14;
    /// Creation: the struct's type is in the BTF of a module.
    BPF_F_VTYPE_BTF_OBJ_FD: u32 = 1 << 15;
    /// Creation: with a token.
    BPF_F_TOKEN_FD: u32 = 1 << 16;
    /// Creation: user space gets a signal where an arena has no page.
    BPF_F_SEGV_ON_FAULT: u32 = 1 << 17;
    /// Creation: addresses in an arena aren't made those of user space.
    BPF_F_NO_USER_CONV: u32 = 1 << 18;
    /// Update: create it or replace it.
    BPF_ANY: i32 = 0;
    /// Update: create it; `EEXIST` if it's there.
    BPF_NOEXIST: i32 = 1;
    /// Update: replace it; `ENOENT` if it isn't there.
    BPF_EXIST: i32 = 2;
    /// Look-up and update: with the lock in the value.
    BPF_F_LOCK: i32 = 4;
}
