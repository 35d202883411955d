use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the helper does not work with maps of this type",
    why: "Each helper works with certain types of maps: bpf_ringbuf_reserve with ring buffers, bpf_redirect_map with device, CPU and socket maps, lookups with those that have keys and values.",
    fix: "Use a map of a type that the helper takes, or the helper for this type.",
    lesson: lesson("helpers", 20),
    docs: pages::MAPS,
    remedy: |fault| {
        let name = called(fault).unwrap_or_default();
        let helper: Option<Helper> = name.parse().ok();
        Some(if name.starts_with("bpf_ringbuf_") {
            Remedy {
                c: "__uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 256 * 1024); for a perf event array bpf_perf_event_output()",
                rust: "static EVENTS: RingBuf = RingBuf::with_byte_size(256 * 1024, 0); for a PerfEventArray its output()",
                asm: ".map of type ringbuf, with key and value of 0 bytes",
            }
        } else if matches!(helper, Some(Helper::PerfEventOutput | Helper::SkbOutput | Helper::XdpOutput)) {
            Remedy {
                c: "__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); for a ring buffer bpf_ringbuf_output()",
                rust: "static EVENTS: PerfEventArray<Event> = PerfEventArray::new(0); for a RingBuf its output()",
                asm: ".map of type perf_event_array, with key and value of 4 bytes",
            }
        } else if helper == Some(Helper::RedirectMap) {
            Remedy {
                c: "BPF_MAP_TYPE_DEVMAP, DEVMAP_HASH, CPUMAP or XSKMAP",
                rust: "DevMap, DevMapHash, CpuMap or XskMap, and its redirect()",
                asm: ".map of type devmap, devmap_hash, cpumap or xskmap",
            }
        } else if name.starts_with("bpf_sk_redirect")
            || name.starts_with("bpf_msg_redirect")
            || name.starts_with("bpf_sock_map")
            || name.starts_with("bpf_sock_hash")
        {
            Remedy {
                c: "BPF_MAP_TYPE_SOCKMAP for the helpers with `_map`, SOCKHASH for those with `_hash`",
                rust: "SockMap or SockHash, and its redirect_msg(), redirect_skb()",
                asm: ".map of type sockmap or sockhash, as the helper's name ends",
            }
        } else if name.starts_with("bpf_map_push")
            || name.starts_with("bpf_map_pop")
            || name.starts_with("bpf_map_peek")
        {
            Remedy {
                c: "BPF_MAP_TYPE_QUEUE, STACK or (push and peek) BLOOM_FILTER; other maps have lookup and update",
                rust: "Queue, Stack or BloomFilter; other maps have get() and insert()",
                asm: ".map of type queue or stack, with a key of 0 bytes",
            }
        } else if name.starts_with("bpf_map_") {
            Remedy {
                c: "BPF_MAP_TYPE_HASH, ARRAY, LRU_HASH, LPM_TRIE or their per-CPU kin; ring buffers, perf event arrays and program arrays have no values to look up",
                rust: "HashMap, Array, LruHashMap, LpmTrie or their per-CPU kin: the type of the static decides its methods",
                asm: ".map of type hash, array, lru_hash or lpm_trie",
            }
        } else if helper == Some(Helper::GetStackid) {
            Remedy {
                c: "BPF_MAP_TYPE_STACK_TRACE",
                rust: "StackTrace, and its get_stackid()",
                asm: ".map of type stack_trace",
            }
        } else {
            Remedy {
                c: "__uint(type, …) as the helper's description in linux/bpf.h names it",
                rust: "the map type of aya_ebpf::maps that has the method",
                asm: "the type in .map as the helper's description in linux/bpf.h names it",
            }
        })
    },
    ..PLAIN
};
