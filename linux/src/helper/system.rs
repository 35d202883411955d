//! Tail calls, infrared, integrity measurement, and what programs of type `syscall` do.

macro_rules! system {
    ($files:tt $($rows:tt)*) => {
        gather! { $files $($rows)*
            Unspec = 0 "bpf_unspec": [], [unknown(&[])];
            TailCall = 12 "bpf_tail_call":
                [always(EVERY)],
                [takes(&[Ctx, Map, Anything], Void).maps(PROG_ARRAY)];
            RcRepeat = 77 "bpf_rc_repeat": [], [unknown(&[])];
            RcKeydown = 78 "bpf_rc_keydown": [], [unknown(&[])];
            RcPointerRel = 92 "bpf_rc_pointer_rel": [], [unknown(&[])];
            BprmOptsSet = 159 "bpf_bprm_opts_set": [], [unknown(&[])];
            ImaInodeHash = 161 "bpf_ima_inode_hash": [], [unknown(&[])];
            ImaFileHash = 193 "bpf_ima_file_hash": [], [unknown(&[])];
            SysBpf = 166 "bpf_sys_bpf": [since(V5_14, SYSCALL).perfmon()], [unknown(&[])];
            BtfFindByNameKind = 167 "bpf_btf_find_by_name_kind": [since(V5_14, SYSCALL)], [unknown(&[])];
            SysClose = 168 "bpf_sys_close": [since(V5_14, SYSCALL)], [unknown(&[])];
            KallsymsLookupName = 179 "bpf_kallsyms_lookup_name": [since(V5_16, SYSCALL)], [unknown(&[])];
        }
    };
}
