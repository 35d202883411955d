//! Helpers for what programs measure and print: performance counters, stacks, arguments of traced functions.

macro_rules! tracing {
    ($files:tt $($rows:tt)*) => {
        gather! { $files $($rows)*
            TracePrintk = 6 "bpf_trace_printk":
                [
                    always(EVERY.without(SYSCALL)).perfmon(),
                    since(V5_14, SYSCALL).until(V6_16),
                    since(V6_16, SYSCALL).perfmon()
                ],
                [takes(&[MemIn, Size], Integer).gpl_only()];
            TraceVprintk = 177 "bpf_trace_vprintk":
                [
                    since(V5_16, EVERY.without(SYSCALL)).perfmon(),
                    since(V5_16, SYSCALL).until(V6_16),
                    since(V6_16, SYSCALL).perfmon()
                ],
                [outline(4, &[]).gpl_only()];
            PerfEventRead = 22 "bpf_perf_event_read":
                [
                    always(PROBES),
                    since(V5_14, SYSCALL).until(V6_16),
                    since(V6_16, EVERY.without(PROBES)).perfmon()
                ],
                [outline(2, &[]).gpl_only()];
            PerfEventReadValue = 55 "bpf_perf_event_read_value":
                [
                    always(PROBES),
                    since(V5_14, SYSCALL).until(V6_16),
                    since(V6_16, EVERY.without(PROBES)).perfmon()
                ],
                [outline(4, &[size(4)]).gpl_only()];
            PerfEventOutput = 25 "bpf_perf_event_output":
                [
                    always(NETWORK.without(SK_REUSEPORT).without(FLOW_DISSECTOR).with(CGROUP_HOOKS).with(PROBES).with(SYSCALL))
                ],
                [takes(&[Ctx, Map, Anything, MemIn, SizeOrZero], Integer).gpl_only().maps(PERF_EVENT_ARRAY)];
            PerfProgReadValue = 56 "bpf_perf_prog_read_value":
                [always(PERF_EVENT)],
                [unknown(&[size(3)]).gpl_only()];
            GetStackid = 27 "bpf_get_stackid":
                [always(PROBES.with(SYSCALL))],
                [
                    takes(&[Ctx, Map, Anything], Integer).for_programs(PERF_EVENT).maps(STACK_TRACE),
                    takes(&[Ctx, Map, Anything], Integer).for_programs(ProgTypes::ALL.without(PERF_EVENT)).gpl_only().maps(STACK_TRACE)
                ];
            GetStack = 67 "bpf_get_stack":
                [always(PROBES.with(SYSCALL))],
                [takes(&[Ctx, MemOut, SizeOrZero, Anything], Integer).gpl_only()];
            OverrideReturn = 58 "bpf_override_return": [], [unknown(&[])];
            ReadBranchRecords = 119 "bpf_read_branch_records":
                [always(PERF_EVENT)],
                [unknown(&[size_or_zero(3)]).gpl_only()];
            GetFuncIp = 173 "bpf_get_func_ip":
                [since(V5_15, PROBES.with(SYSCALL))],
                [takes(&[Ctx], Integer).gpl_only()];
            GetAttachCookie = 174 "bpf_get_attach_cookie":
                [
                    since(V5_15, KPROBE.with(TRACEPOINT).with(PERF_EVENT)),
                    since(V6_10, RAW_TRACEPOINT.with(RAW_TRACEPOINT_WRITABLE))
                ],
                [takes(&[Ctx], Integer)];
            GetBranchSnapshot = 176 "bpf_get_branch_snapshot":
                [
                    since(V5_16, PROBES),
                    since(V5_16, SYSCALL).until(V6_16),
                    since(V6_16, EVERY.without(PROBES)).perfmon()
                ],
                [outline(2, &[]).gpl_only()];
            GetFuncArg = 183 "bpf_get_func_arg": [], [takes(&[Ctx, Anything, FixedOut(8)], Integer)];
            GetFuncRet = 184 "bpf_get_func_ret": [], [takes(&[Ctx, FixedOut(8)], Integer)];
            GetFuncArgCnt = 185 "bpf_get_func_arg_cnt": [], [takes(&[Ctx], Integer)];
            SkbOutput = 111 "bpf_skb_output": [since(V5_14, SYSCALL)], [unknown(&[size_or_zero(5)]).gpl_only()];
            XdpOutput = 121 "bpf_xdp_output": [since(V5_14, SYSCALL)], [unknown(&[size_or_zero(5)]).gpl_only()];
            SeqPrintf = 126 "bpf_seq_printf": [], [unknown(&[size(3), size_or_zero(5)])];
            SeqWrite = 127 "bpf_seq_write": [], [unknown(&[size_or_zero(3)])];
            SnprintfBtf = 149 "bpf_snprintf_btf":
                [
                    always(EVERY.without(SYSCALL)).perfmon(),
                    since(V5_14, SYSCALL).until(V6_16),
                    since(V6_16, SYSCALL).perfmon()
                ],
                [outline(5, &[])];
            SeqPrintfBtf = 150 "bpf_seq_printf_btf": [], [unknown(&[])];
            DPath = 147 "bpf_d_path": [since(V5_14, SYSCALL)], [unknown(&[size_or_zero(3)])];
        }
    };
}
