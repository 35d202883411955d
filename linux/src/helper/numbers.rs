//! Helpers that give the time, random and other numbers, and those on text.

macro_rules! numbers {
    ($files:tt $($rows:tt)*) => {
        gather! { $files $($rows)*
            KtimeGetNs = 5 "bpf_ktime_get_ns": [always(EVERY)], [takes(&[], Integer)];
            KtimeGetBootNs = 125 "bpf_ktime_get_boot_ns": [always(EVERY)], [takes(&[], Integer)];
            KtimeGetCoarseNs = 160 "bpf_ktime_get_coarse_ns":
                [since(V5_11, NETWORK.with(CGROUP_SOCK).with(CGROUP_SOCK_ADDR).with(CGROUP_SYSCTL))],
                [takes(&[], Integer)];
            KtimeGetTaiNs = 208 "bpf_ktime_get_tai_ns": [since(V6_1, EVERY)], [takes(&[], Integer)];
            Jiffies64 = 118 "bpf_jiffies64": [always(EVERY)], [takes(&[], Integer)];
            GetPrandomU32 = 7 "bpf_get_prandom_u32": [always(EVERY)], [takes(&[], Integer)];
            GetSmpProcessorId = 8 "bpf_get_smp_processor_id": [always(EVERY)], [takes(&[], Processor)];
            GetNumaNodeId = 42 "bpf_get_numa_node_id": [always(EVERY)], [takes(&[], Integer)];
            Strtol = 105 "bpf_strtol":
                [always(CGROUP_SYSCTL), since(V6_1, EVERY.without(CGROUP_SYSCTL))],
                [takes(&[MemIn, Size, Anything, FixedOut(8)], Integer)];
            Strtoul = 106 "bpf_strtoul":
                [always(CGROUP_SYSCTL), since(V6_1, EVERY.without(CGROUP_SYSCTL))],
                [takes(&[MemIn, Size, Anything, FixedOut(8)], Integer)];
            Strncmp = 182 "bpf_strncmp": [since(V5_17, EVERY)], [outline(3, &[])];
            Snprintf = 165 "bpf_snprintf":
                [
                    since(V5_13, EVERY.without(SYSCALL)).perfmon(),
                    since(V5_14, SYSCALL).until(V6_16),
                    since(V6_16, SYSCALL).perfmon()
                ],
                [outline(5, &[size_or_zero(2), size_or_zero(5)]).gpl_only()];
        }
    };
}
