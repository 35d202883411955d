// Storage of sockets, tasks, inodes and cgroups: maps that libbpf makes without entries and with types.

#include "bpf.h"

#define NO_PREALLOC 1
#define CREATE 1

#define STORAGE(name, kind) \
	struct { \
		__uint(type, kind); \
		__uint(map_flags, NO_PREALLOC); \
		__type(key, int); \
		__type(value, struct counts); \
	} name SEC(".maps")

struct counts { __u64 seen; };
struct inode { unsigned long i_ino; } CORE;
struct file { struct inode *f_inode; } CORE;
struct cgroup;
struct css_set { struct cgroup *dfl_cgrp; } CORE;
struct task_struct { int pid; struct css_set *cgroups; } CORE;

STORAGE(of_sockets, BPF_MAP_TYPE_SK_STORAGE);
STORAGE(of_tasks, BPF_MAP_TYPE_TASK_STORAGE);
STORAGE(of_inodes, BPF_MAP_TYPE_INODE_STORAGE);
STORAGE(of_cgroups, MAP_TYPE_CGRP_STORAGE);
struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_STORAGE);
	__type(key, struct bpf_cgroup_storage_key);
	__type(value, struct counts);
} shared SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE);
	__type(key, struct bpf_cgroup_storage_key);
	__type(value, struct counts);
} by_processor SEC(".maps");

SEC("cgroup/sock_create") int socket_storage(struct bpf_sock *sock)
{
	struct counts *counts = bpf_sk_storage_get(&of_sockets, sock, NULL, CREATE);
	if (counts)
		counts->seen++;
	return 1;
}
SEC("tp_btf/sched_switch") int task_storage(__u64 *args)
{
	struct counts *counts = bpf_task_storage_get(&of_tasks, (void *)args[1], NULL, CREATE);
	if (counts)
		counts->seen++;
	return 0;
}
SEC("lsm/file_open") int inode_storage(__u64 *args)
{
	struct file *file = (void *)args[0];
	struct counts *counts = bpf_inode_storage_get(&of_inodes, file->f_inode, NULL, CREATE);
	if (counts)
		counts->seen++;
	return 0;
}
SEC("tp_btf/sys_enter") int cgroup_storage_of_task(__u64 *args)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct counts *counts = bpf_cgrp_storage_get(&of_cgroups, task->cgroups->dfl_cgrp, NULL, CREATE);
	if (counts)
		counts->seen++;
	return 0;
}
SEC("cgroup_skb/egress") int cgroup_storage(struct __sk_buff *skb)
{
	struct counts *counts = bpf_get_local_storage(&shared, 0);
	__sync_fetch_and_add(&counts->seen, 1);
	return 1;
}
SEC("cgroup_skb/egress") int cgroup_storage_by_processor(struct __sk_buff *skb)
{
	struct counts *counts = bpf_get_local_storage(&by_processor, 0);
	counts->seen++;
	return 1;
}

/* Rejected. */
SEC("tp_btf/sched_switch") int task_storage_of_a_number(__u64 *args)
{
	return bpf_task_storage_get(&of_tasks, (void *)bpf_get_current_task(), NULL, CREATE) ? 1 : 0;
}
SEC("cgroup_skb/egress") int cgroup_storage_with_flags(struct __sk_buff *skb)
{
	struct counts *counts = bpf_get_local_storage(&shared, skb->len);
	return counts->seen ? 1 : 0;
}
SEC("tp_btf/sched_switch") int storage_without_null_check(__u64 *args)
{
	struct counts *counts = bpf_task_storage_get(&of_tasks, (void *)args[1], NULL, CREATE);
	counts->seen++;
	return 0;
}
SEC("cgroup/sock_create") int map_of_the_wrong_kind(struct bpf_sock *sock)
{
	return bpf_sk_storage_get(&of_tasks, sock, NULL, CREATE) ? 1 : 0;
}
