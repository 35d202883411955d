//! Numbers that the kernel's user-space interface fixes: program types, map types and helper functions.
//!
//! Source: `include/uapi/linux/bpf.h`, `enum bpf_prog_type`, `enum bpf_map_type` and `enum bpf_func_id`.

use std::fmt;
use std::str::FromStr;

/// A name that the kernel's interface doesn't have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no {kind} is called `{name}`")]
pub struct UnknownName {
    /// What was looked for: `program type`, `map type` or `helper`.
    pub kind: &'static str,
    /// The name as given.
    pub name: String,
}

macro_rules! uapi_enum {
    ($(#[$meta:meta])* $name:ident, $kind:literal, $prefix:literal { $($variant:ident = $number:literal $text:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u32)]
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = concat!("`", $prefix, $text, "`, number ", stringify!($number), ".")] $variant = $number,)*
        }

        impl $name {
            /// Every value, in the order of the numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The number in the kernel's interface.
            pub const fn number(self) -> u32 {
                self as u32
            }

            /// The value of a number of the kernel's interface.
            pub fn from_number(number: u32) -> Option<Self> {
                match number {
                    $($number => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// The name in lower case without the kernel's prefix.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl FromStr for $name {
            type Err = UnknownName;

            fn from_str(name: &str) -> Result<Self, UnknownName> {
                match name {
                    $($text => Ok(Self::$variant),)*
                    _ => Err(UnknownName { kind: $kind, name: name.to_owned() }),
                }
            }
        }
    };
}

uapi_enum! {
    /// The kind of a program: what its context is, which helpers it may call and what its result means.
    ProgType, "program type", "BPF_PROG_TYPE_" {
        SocketFilter = 1 "socket_filter",
        Kprobe = 2 "kprobe",
        SchedCls = 3 "sched_cls",
        SchedAct = 4 "sched_act",
        Tracepoint = 5 "tracepoint",
        Xdp = 6 "xdp",
        PerfEvent = 7 "perf_event",
        CgroupSkb = 8 "cgroup_skb",
        CgroupSock = 9 "cgroup_sock",
        LwtIn = 10 "lwt_in",
        LwtOut = 11 "lwt_out",
        LwtXmit = 12 "lwt_xmit",
        SockOps = 13 "sock_ops",
        SkSkb = 14 "sk_skb",
        CgroupDevice = 15 "cgroup_device",
        SkMsg = 16 "sk_msg",
        RawTracepoint = 17 "raw_tracepoint",
        CgroupSockAddr = 18 "cgroup_sock_addr",
        LwtSeg6local = 19 "lwt_seg6local",
        LircMode2 = 20 "lirc_mode2",
        SkReuseport = 21 "sk_reuseport",
        FlowDissector = 22 "flow_dissector",
        CgroupSysctl = 23 "cgroup_sysctl",
        RawTracepointWritable = 24 "raw_tracepoint_writable",
        CgroupSockopt = 25 "cgroup_sockopt",
        Tracing = 26 "tracing",
        StructOps = 27 "struct_ops",
        Ext = 28 "ext",
        Lsm = 29 "lsm",
        SkLookup = 30 "sk_lookup",
        Syscall = 31 "syscall",
        Netfilter = 32 "netfilter",
    }
}

uapi_enum! {
    /// The kind of a map.
    MapType, "map type", "BPF_MAP_TYPE_" {
        Hash = 1 "hash",
        Array = 2 "array",
        ProgArray = 3 "prog_array",
        PerfEventArray = 4 "perf_event_array",
        PercpuHash = 5 "percpu_hash",
        PercpuArray = 6 "percpu_array",
        StackTrace = 7 "stack_trace",
        CgroupArray = 8 "cgroup_array",
        LruHash = 9 "lru_hash",
        LruPercpuHash = 10 "lru_percpu_hash",
        LpmTrie = 11 "lpm_trie",
        ArrayOfMaps = 12 "array_of_maps",
        HashOfMaps = 13 "hash_of_maps",
        Devmap = 14 "devmap",
        Sockmap = 15 "sockmap",
        Cpumap = 16 "cpumap",
        Xskmap = 17 "xskmap",
        Sockhash = 18 "sockhash",
        CgroupStorage = 19 "cgroup_storage",
        ReuseportSockarray = 20 "reuseport_sockarray",
        PercpuCgroupStorage = 21 "percpu_cgroup_storage",
        Queue = 22 "queue",
        Stack = 23 "stack",
        SkStorage = 24 "sk_storage",
        DevmapHash = 25 "devmap_hash",
        StructOps = 26 "struct_ops",
        Ringbuf = 27 "ringbuf",
        InodeStorage = 28 "inode_storage",
        TaskStorage = 29 "task_storage",
        BloomFilter = 30 "bloom_filter",
        UserRingbuf = 31 "user_ringbuf",
        CgrpStorage = 32 "cgrp_storage",
        Arena = 33 "arena",
        InsnArray = 34 "insn_array",
    }
}
