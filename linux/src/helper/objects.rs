//! Helpers on locks, timers, dynamic pointers and other objects in values of maps, and those that call back.

macro_rules! objects {
    ($files:tt $($rows:tt)*) => {
        gather! { $files $($rows)*
            SpinLock = 93 "bpf_spin_lock":
                [always(EVERY.without(PROBES).without(SYSCALL)), since(V6_1, PROBES.with(SYSCALL))],
                [takes(&[SpinLock], Void)];
            SpinUnlock = 94 "bpf_spin_unlock":
                [always(EVERY.without(PROBES).without(SYSCALL)), since(V6_1, PROBES.with(SYSCALL))],
                [takes(&[SpinLock], Void)];
            TimerInit = 169 "bpf_timer_init": [since(V5_15, EVERY)], [outline(3, &[]).gpl_only()];
            TimerSetCallback = 170 "bpf_timer_set_callback":
                [since(V5_15, EVERY)],
                [outline(2, &[]).gpl_only()];
            TimerStart = 171 "bpf_timer_start": [since(V5_15, EVERY)], [outline(3, &[]).gpl_only()];
            TimerCancel = 172 "bpf_timer_cancel": [since(V5_15, EVERY)], [outline(1, &[]).gpl_only()];
            Loop = 181 "bpf_loop":
                [since(V5_17, EVERY)],
                [takes(&[Rounds, Callback, StackOrNull, Anything], Integer).calls_back(CallsBack::Rounds)];
            KptrXchg = 194 "bpf_kptr_xchg": [since(V5_19, EVERY)], [outline(2, &[])];
            DynptrFromMem = 197 "bpf_dynptr_from_mem": [since(V5_19, EVERY)], [outline(4, &[])];
            DynptrRead = 201 "bpf_dynptr_read": [since(V5_19, EVERY)], [outline(5, &[])];
            DynptrWrite = 202 "bpf_dynptr_write": [since(V5_19, EVERY)], [outline(5, &[])];
            DynptrData = 203 "bpf_dynptr_data": [since(V5_19, EVERY)], [outline(3, &[])];
            PerCpuPtr = 153 "bpf_per_cpu_ptr": [always(EVERY)], [outline(2, &[])];
            ThisCpuPtr = 154 "bpf_this_cpu_ptr": [always(EVERY)], [outline(1, &[])];
            InodeStorageGet = 145 "bpf_inode_storage_get": [], [unknown(&[])];
            InodeStorageDelete = 146 "bpf_inode_storage_delete": [], [unknown(&[])];
        }
    };
}
