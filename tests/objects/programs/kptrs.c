// Pointers to the kernel's objects in map values.

#include "bpf.h"

struct task_struct { int pid; } CORE;
struct value { struct task_struct __kptr *task; struct task_struct __kptr_untrusted *seen; };
MAP(array, BPF_MAP_TYPE_ARRAY, 1, __u32, struct value);

extern struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;
extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

static __always_inline struct value *only(void)
{
	__u32 key = 0;
	return bpf_map_lookup_elem(&array, &key);
}

SEC("tp_btf/sched_switch") int exchanges(__u64 *args)
{
	struct value *value = only();
	struct task_struct *task, *old;
	if (!value || !(task = bpf_task_acquire((void *)args[1])))
		return 0;
	old = bpf_kptr_xchg(&value->task, task);
	if (old)
		bpf_task_release(old);
	return 0;
}
SEC("tp_btf/sched_switch") int takes_out(__u64 *args)
{
	struct value *value = only();
	struct task_struct *old = value ? bpf_kptr_xchg(&value->task, NULL) : NULL;
	if (old)
		bpf_task_release(old);
	return 0;
}
SEC("tp_btf/sched_switch") int notes_untrusted(__u64 *args)
{
	struct value *value = only();
	if (value)
		value->seen = (void *)args[1];
	return 0;
}
SEC("tp_btf/sched_switch") int reads_untrusted(__u64 *args)
{
	struct value *value = only();
	struct task_struct *task = value ? value->seen : NULL;
	return task ? task->pid : 0;
}
SEC("tp_btf/sched_switch") int reads_under_rcu(__u64 *args)
{
	struct value *value = only();
	struct task_struct *task;
	int pid = 0;
	if (!value)
		return 0;
	bpf_rcu_read_lock();
	task = value->task;
	if (task)
		pid = task->pid;
	bpf_rcu_read_unlock();
	return pid;
}

/* Rejected. */
SEC("tp_btf/sched_switch") int writes_a_referenced_one(__u64 *args)
{
	struct value *value = only();
	if (value)
		value->task = (void *)args[1];
	return 0;
}
SEC("tp_btf/sched_switch") int writes_a_number(__u64 *args)
{
	__u64 *value = (void *)only();
	if (value)
		value[1] = 5;
	return 0;
}
SEC("tp_btf/sched_switch") int forgets_the_old_one(__u64 *args)
{
	struct value *value = only();
	if (value)
		bpf_kptr_xchg(&value->task, NULL);
	return 0;
}
SEC("tp_btf/sched_switch") int exchanges_what_it_does_not_own(__u64 *args)
{
	struct value *value = only();
	struct task_struct *old = value ? bpf_kptr_xchg(&value->task, (void *)args[1]) : NULL;
	if (old)
		bpf_task_release(old);
	return 0;
}
SEC("tp_btf/sched_switch") int exchanges_the_wrong_field(__u64 *args)
{
	struct value *value = only();
	return value && bpf_kptr_xchg(&value->seen, NULL) ? 1 : 0;
}
SEC("tp_btf/sched_switch") int passes_untrusted_on(__u64 *args)
{
	struct value *value = only();
	struct task_struct *task = value ? value->seen : NULL;
	task = task ? bpf_task_acquire(task) : NULL;
	if (task)
		bpf_task_release(task);
	return 0;
}
