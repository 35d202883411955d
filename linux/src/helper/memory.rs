//! Helpers that copy from memory that isn't the program's.

macro_rules! memory {
    ($files:tt $($rows:tt)*) => {
        gather! { $files $($rows)*
            ProbeRead = 4 "bpf_probe_read":
                [always(PROBES.with(SYSCALL))],
                [unknown(&[size_or_zero(2)]).gpl_only()];
            ProbeReadStr = 45 "bpf_probe_read_str":
                [always(PROBES.with(SYSCALL))],
                [unknown(&[size_or_zero(2)]).gpl_only()];
            ProbeReadUser = 112 "bpf_probe_read_user":
                [
                    always(EVERY.without(SYSCALL)).perfmon(),
                    since(V5_14, SYSCALL).until(V6_16),
                    since(V6_16, SYSCALL).perfmon()
                ],
                [takes(&[MemOut, SizeOrZero, Anything], Integer).gpl_only()];
            ProbeReadKernel = 113 "bpf_probe_read_kernel":
                [
                    always(EVERY.without(SYSCALL)).perfmon(),
                    since(V5_14, SYSCALL).until(V6_16),
                    since(V6_16, SYSCALL).perfmon()
                ],
                [takes(&[MemOut, SizeOrZero, Anything], Integer).gpl_only()];
            ProbeReadUserStr = 114 "bpf_probe_read_user_str":
                [
                    always(EVERY.without(SYSCALL)).perfmon(),
                    since(V5_14, SYSCALL).until(V6_16),
                    since(V6_16, SYSCALL).perfmon()
                ],
                [outline(3, &[size_or_zero(2)]).gpl_only()];
            ProbeReadKernelStr = 115 "bpf_probe_read_kernel_str":
                [
                    always(EVERY.without(SYSCALL)).perfmon(),
                    since(V5_14, SYSCALL).until(V6_16),
                    since(V6_16, SYSCALL).perfmon()
                ],
                [outline(3, &[size_or_zero(2)]).gpl_only()];
            ProbeWriteUser = 36 "bpf_probe_write_user":
                [always(PROBES.with(SYSCALL)).perfmon()],
                [unknown(&[]).gpl_only()];
            CopyFromUser = 148 "bpf_copy_from_user":
                [
                    since(V5_14, SYSCALL).until(V6_16),
                    since(V6_1, PROBES),
                    since(V6_16, EVERY.without(PROBES)).perfmon()
                ],
                [outline(3, &[size_or_zero(2)])];
            CopyFromUserTask = 191 "bpf_copy_from_user_task":
                [
                    since(V5_18, PROBES),
                    since(V5_18, SYSCALL).until(V6_16),
                    since(V6_16, EVERY.without(PROBES)).perfmon()
                ],
                [outline(5, &[size_or_zero(2)]).gpl_only()];
        }
    };
}
