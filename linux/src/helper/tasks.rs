//! Helpers on the running task and on others.

macro_rules! tasks {
    ($files:tt $($rows:tt)*) => {
        gather! { $files $($rows)*
            GetCurrentPidTgid = 14 "bpf_get_current_pid_tgid":
                [
                    always(PROBES.with(CGROUP_SOCK).with(SK_MSG).with(CGROUP_SOCK_ADDR).with(SYSCALL)),
                    since(V6_1, CGROUP_DEVICE.with(CGROUP_SYSCTL).with(CGROUP_SOCKOPT)),
                    since(V6_10, NETWORK.without(SK_MSG).with(NETFILTER))
                ],
                [takes(&[], Integer)];
            GetCurrentUidGid = 15 "bpf_get_current_uid_gid":
                [
                    always(CGROUP_HOOKS.with(PROBES).with(SK_MSG).with(SYSCALL)),
                    since(V6_16, NETWORK.without(SK_MSG).with(NETFILTER))
                ],
                [takes(&[], Integer)];
            GetCurrentComm = 16 "bpf_get_current_comm":
                [
                    always(PROBES),
                    always(CGROUP_SOCK.with(CGROUP_SOCK_ADDR)).until(V6_16),
                    since(V6_1, CGROUP_DEVICE.with(CGROUP_SYSCTL).with(CGROUP_SOCKOPT).with(SYSCALL)).until(V6_16),
                    since(V6_16, EVERY.without(PROBES)).perfmon()
                ],
                [takes(&[MemOut, Size], Integer)];
            GetCurrentTask = 35 "bpf_get_current_task":
                [
                    always(EVERY.without(SYSCALL)).perfmon(),
                    since(V5_14, SYSCALL).until(V6_16),
                    since(V6_16, SYSCALL).perfmon()
                ],
                [takes(&[], Integer).gpl_only()];
            SendSignal = 109 "bpf_send_signal":
                [
                    always(PROBES),
                    since(V5_14, SYSCALL).until(V6_16),
                    since(V6_16, EVERY.without(PROBES)).perfmon()
                ],
                [takes(&[Anything], Integer)];
            SendSignalThread = 117 "bpf_send_signal_thread":
                [
                    always(PROBES),
                    since(V5_14, SYSCALL).until(V6_16),
                    since(V6_16, EVERY.without(PROBES)).perfmon()
                ],
                [takes(&[Anything], Integer)];
            GetNsCurrentPidTgid = 120 "bpf_get_ns_current_pid_tgid":
                [always(PROBES.with(SYSCALL)), since(V6_10, EVERY.without(PROBES).without(SYSCALL))],
                [outline(4, &[size(4)])];
            GetTaskStack = 141 "bpf_get_task_stack":
                [
                    always(PROBES),
                    since(V5_14, SYSCALL).until(V6_16),
                    since(V6_16, EVERY.without(PROBES)).perfmon()
                ],
                [outline(4, &[size_or_zero(3)])];
            TaskStorageGet = 156 "bpf_task_storage_get":
                [since(V5_12, PROBES.with(SYSCALL)), since(V6_16, EVERY.without(PROBES).without(SYSCALL))],
                [outline(4, &[])];
            TaskStorageDelete = 157 "bpf_task_storage_delete":
                [since(V5_12, PROBES.with(SYSCALL)), since(V6_16, EVERY.without(PROBES).without(SYSCALL))],
                [outline(2, &[])];
            GetCurrentTaskBtf = 158 "bpf_get_current_task_btf":
                [
                    since(V5_11, EVERY.without(SYSCALL)).perfmon(),
                    since(V5_14, SYSCALL).until(V6_16),
                    since(V6_16, SYSCALL).perfmon()
                ],
                [outline(0, &[]).gpl_only()];
            TaskPtRegs = 175 "bpf_task_pt_regs":
                [
                    since(V5_15, EVERY.without(SYSCALL)).perfmon(),
                    since(V5_15, SYSCALL).until(V6_16),
                    since(V6_16, SYSCALL).perfmon()
                ],
                [outline(1, &[]).gpl_only()];
            FindVma = 180 "bpf_find_vma":
                [
                    since(V5_17, PROBES),
                    since(V5_17, SYSCALL).until(V6_16),
                    since(V6_16, EVERY.without(PROBES)).perfmon()
                ],
                [outline(5, &[]).calls_back(CallsBack::Area)];
        }
    };
}
