// Kernel functions by name: acquired and released pointers, flags of theirs, sections of code that they open and close, and
// what isn't there.

#include "bpf.h"

struct task_struct { int pid; struct task_struct *real_parent; } CORE;
struct cgroup { int level; } CORE;
struct cpumask { unsigned long bits[1]; };
struct bpf_cpumask { struct cpumask cpumask; };

extern struct task_struct *bpf_task_from_pid(int pid) __ksym;
extern struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;
extern struct cgroup *bpf_cgroup_from_id(__u64 id) __ksym;
extern void bpf_cgroup_release(struct cgroup *cgroup) __ksym;
extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;
extern struct bpf_cpumask *bpf_cpumask_create(void) __ksym;
extern void bpf_cpumask_release(struct bpf_cpumask *mask) __ksym;
extern void bpf_cpumask_set_cpu(__u32 cpu, struct bpf_cpumask *mask) __ksym;
extern _Bool bpf_cpumask_test_cpu(__u32 cpu, const struct cpumask *mask) __ksym;
extern int bpf_strnlen_no_such(const char *text, __u32 size) __ksym __weak;

SEC("tp_btf/sched_switch") int acquires(__u64 *args)
{
	struct task_struct *task = bpf_task_acquire((void *)args[1]);
	int pid;
	if (!task)
		return 0;
	pid = task->pid;
	bpf_task_release(task);
	return pid;
}
SEC("syscall") int from_pid(void *ctx)
{
	struct task_struct *task = bpf_task_from_pid(1);
	if (!task)
		return 1;
	bpf_task_release(task);
	return 0;
}
SEC("tp_btf/sched_switch") int cgroup_from_id(__u64 *args)
{
	struct cgroup *cgroup = bpf_cgroup_from_id(1);
	int level;
	if (!cgroup)
		return 0;
	level = cgroup->level;
	bpf_cgroup_release(cgroup);
	return level;
}
SEC("syscall") int under_rcu(__u64 *args)
{
	struct task_struct *task = bpf_get_current_task_btf(), *parent;
	int pid;
	bpf_rcu_read_lock();
	parent = task->real_parent;
	pid = parent->pid;
	bpf_rcu_read_unlock();
	return pid;
}
SEC("tp_btf/sched_switch") int mask_of_processors(__u64 *args)
{
	struct bpf_cpumask *mask = bpf_cpumask_create();
	int set;
	if (!mask)
		return 0;
	bpf_cpumask_set_cpu(1, mask);
	set = bpf_cpumask_test_cpu(1, (void *)mask);
	bpf_cpumask_release(mask);
	return set;
}
SEC("tp_btf/sched_switch") int missing_but_weak(__u64 *args) { return bpf_strnlen_no_such ? bpf_strnlen_no_such("", 1) : 0; }
/* Old kernels have it for tracing alone. */
SEC("xdp") int of_a_packet(struct xdp_md *ctx)
{
	struct task_struct *task = bpf_task_from_pid(1);
	if (task)
		bpf_task_release(task);
	return XDP_PASS;
}

/* Rejected. */
SEC("tp_btf/sched_switch") int leaks(__u64 *args) { return bpf_task_acquire((void *)args[1]) ? 1 : 0; }
SEC("tp_btf/sched_switch") int releases_unchecked(__u64 *args) { bpf_task_release(bpf_task_acquire((void *)args[1])); return 0; }
SEC("tp_btf/sched_switch") int releases_what_it_does_not_own(__u64 *args) { bpf_task_release((void *)args[1]); return 0; }
SEC("tp_btf/sched_switch") int uses_after_release(__u64 *args)
{
	struct task_struct *task = bpf_task_acquire((void *)args[1]);
	if (!task)
		return 0;
	bpf_task_release(task);
	return task->pid;
}
SEC("raw_tp/sched_switch") int of_a_number(__u64 *args) { return bpf_task_acquire((void *)args[1]) ? 1 : 0; }
SEC("syscall") int keeps_the_lock(__u64 *args) { bpf_rcu_read_lock(); return 0; }
SEC("syscall") int unlocks_only(__u64 *args) { bpf_rcu_read_unlock(); return 0; }
SEC("syscall") int sleeps_under_rcu(__u64 *args)
{
	char byte;
	bpf_rcu_read_lock();
	bpf_copy_from_user(&byte, 1, NULL);
	bpf_rcu_read_unlock();
	return 0;
}
SEC("tp_btf/sched_switch") int calls_the_missing_one(__u64 *args) { return bpf_strnlen_no_such("", 1); }
