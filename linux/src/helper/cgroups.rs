//! Helpers on control groups, and those for programs attached to them.

macro_rules! cgroups {
    ($files:tt $($rows:tt)*) => {
        gather! { $files $($rows)*
            GetCgroupClassid = 17 "bpf_get_cgroup_classid":
                [
                    always(LWT.with(SCHED).with(CGROUP_SOCK).with(SK_MSG).with(CGROUP_SOCK_ADDR)),
                    since(V6_1, CGROUP_DEVICE.with(CGROUP_SYSCTL).with(CGROUP_SOCKOPT)),
                    since(V6_16, PROBES.with(SOCKET_FILTER).with(XDP).with(CGROUP_SKB).with(SOCK_OPS).with(SK_SKB).with(SK_REUSEPORT).with(FLOW_DISSECTOR).with(SK_LOOKUP).with(SYSCALL).with(NETFILTER))
                ],
                [
                    takes(&[Ctx], Integer).for_programs(SCHED.with(LWT)),
                    takes(&[], Integer).for_programs(EVERY.without(SCHED).without(LWT))
                ];
            SkbUnderCgroup = 33 "bpf_skb_under_cgroup": [always(LWT.with(SCHED))], [outline(3, &[])];
            CurrentTaskUnderCgroup = 37 "bpf_current_task_under_cgroup":
                [
                    always(PROBES.with(SYSCALL)),
                    since(V6_12, CGROUP_HOOKS),
                    since(V6_16, NETWORK.with(NETFILTER))
                ],
                [outline(2, &[])];
            SkbCgroupId = 79 "bpf_skb_cgroup_id": [always(SCHED.with(CGROUP_SKB))], [takes(&[Ctx], Integer)];
            GetCurrentCgroupId = 80 "bpf_get_current_cgroup_id":
                [
                    always(CGROUP_HOOKS.with(PROBES).with(SK_MSG).with(SYSCALL)),
                    since(V6_4, NETWORK.without(SK_MSG).with(NETFILTER))
                ],
                [takes(&[], Integer)];
            GetLocalStorage = 81 "bpf_get_local_storage":
                [always(CGROUP_HOOKS.with(CGROUP_SKB).with(SOCK_OPS))],
                [outline(2, &[])];
            SkbAncestorCgroupId = 83 "bpf_skb_ancestor_cgroup_id":
                [always(SCHED.with(CGROUP_SKB))],
                [takes(&[Ctx, Anything], Integer)];
            SysctlGetName = 101 "bpf_sysctl_get_name": [always(CGROUP_SYSCTL)], [unknown(&[size(3)])];
            SysctlGetCurrentValue = 102 "bpf_sysctl_get_current_value":
                [always(CGROUP_SYSCTL)],
                [unknown(&[size(3)])];
            SysctlGetNewValue = 103 "bpf_sysctl_get_new_value": [always(CGROUP_SYSCTL)], [unknown(&[size(3)])];
            SysctlSetNewValue = 104 "bpf_sysctl_set_new_value": [always(CGROUP_SYSCTL)], [unknown(&[size(3)])];
            GetCurrentAncestorCgroupId = 123 "bpf_get_current_ancestor_cgroup_id":
                [
                    always(CGROUP_SOCK.with(SK_MSG).with(CGROUP_SOCK_ADDR)),
                    since(V6_1, PROBES.with(CGROUP_DEVICE).with(CGROUP_SYSCTL).with(CGROUP_SOCKOPT).with(SYSCALL)),
                    since(V6_4, NETWORK.without(SK_MSG).with(NETFILTER))
                ],
                [takes(&[Anything], Integer)];
            SkCgroupId = 128 "bpf_sk_cgroup_id": [always(CGROUP_SKB)], [outline(1, &[])];
            SkAncestorCgroupId = 129 "bpf_sk_ancestor_cgroup_id": [always(CGROUP_SKB)], [outline(2, &[])];
            SkbCgroupClassid = 151 "bpf_skb_cgroup_classid": [always(SCHED)], [takes(&[Ctx], Integer)];
            GetRetval = 186 "bpf_get_retval":
                [
                    since(V5_18, CGROUP_DEVICE.with(CGROUP_SYSCTL).with(CGROUP_SOCKOPT)),
                    since(V6_1, CGROUP_SOCK.with(CGROUP_SOCK_ADDR))
                ],
                [unknown(&[])];
            SetRetval = 187 "bpf_set_retval":
                [
                    since(V5_18, CGROUP_DEVICE.with(CGROUP_SYSCTL).with(CGROUP_SOCKOPT)),
                    since(V6_1, CGROUP_SOCK.with(CGROUP_SOCK_ADDR))
                ],
                [unknown(&[])];
            CgrpStorageGet = 210 "bpf_cgrp_storage_get": [since(V6_2, EVERY)], [outline(4, &[])];
            CgrpStorageDelete = 211 "bpf_cgrp_storage_delete": [since(V6_2, EVERY)], [outline(2, &[])];
        }
    };
}
