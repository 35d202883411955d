// CO-RE relocations of fields: offset, size, existence, sign, shifts of bit fields; flavours, nested fields, arrays; what the
// kernel's types say decides which branch is dead.

#include "bpf.h"

enum { BYTE_OFFSET = 0, BYTE_SIZE = 1, EXISTS = 2, SIGNED = 3, LSHIFT_U64 = 4, RSHIFT_U64 = 5 };
#define INFO(field, kind) __builtin_preserve_field_info(field, kind)
#define FAULT(ctx) (*(int *)(long)(ctx)[0])

struct list_head { struct list_head *next; } CORE;
struct task_struct {
	unsigned int flags;
	int pid;
	int tgid;
	struct list_head tasks;
	struct task_struct *real_parent;
	char comm[16];
	unsigned sched_reset_on_fork : 1;
	unsigned in_execve : 1;
	long no_such_field;
} CORE;
/* As old kernels had it. */
struct task_struct___old { long state; } CORE;
struct task_struct___new { unsigned int __state; } CORE;
struct no_such_struct { int field; } CORE;

SEC("tp_btf/sched_switch") int direct(__u64 *args) { return ((struct task_struct *)args[1])->pid == 1; }
SEC("tp_btf/sched_switch") int nested_and_array(__u64 *args)
{
	struct task_struct *task = (void *)args[2];
	return task->comm[3] + (task->tasks.next == &task->tasks);
}
SEC("tp_btf/sched_switch") int follows_pointers(__u64 *args) { return ((struct task_struct *)args[1])->real_parent->real_parent->tgid; }
SEC("raw_tp/sched_switch") int probe_read(__u64 *args)
{
	struct task_struct *task = (void *)args[1];
	int pid = 0;
	bpf_probe_read_kernel(&pid, sizeof(pid), __builtin_preserve_access_index(&task->pid));
	return pid == 1;
}
SEC("raw_tp/sched_switch") int offset(__u64 *args)
{
	struct task_struct *task = (void *)args[1];
	return INFO(task->tgid, BYTE_OFFSET) > INFO(task->pid, BYTE_OFFSET) ? 0 : FAULT(args);
}
SEC("raw_tp/sched_switch") int size(__u64 *args)
{
	struct task_struct *task = (void *)args[1];
	return INFO(task->comm, BYTE_SIZE) == 16 && INFO(task->pid, BYTE_SIZE) == 4 ? 0 : FAULT(args);
}
SEC("raw_tp/sched_switch") int exists(__u64 *args)
{
	struct task_struct *task = (void *)args[1];
	return INFO(task->pid, EXISTS) ? 0 : FAULT(args);
}
SEC("tp_btf/sched_switch") int missing_behind_existence(__u64 *args)
{
	struct task_struct *task = (void *)args[1];
	return INFO(task->no_such_field, EXISTS) ? task->no_such_field : 0;
}
SEC("raw_tp/sched_switch") int sign(__u64 *args)
{
	struct task_struct *task = (void *)args[1];
	return INFO(task->pid, SIGNED) && !INFO(task->flags, SIGNED) ? 0 : FAULT(args);
}
SEC("tp_btf/sched_switch") int bit_field(__u64 *args)
{
	struct task_struct *task = (void *)args[1];
	return task->in_execve;
}
SEC("raw_tp/sched_switch") int shifts(__u64 *args)
{
	struct task_struct *task = (void *)args[1];
	__u64 word = 0;
	bpf_probe_read_kernel(&word, INFO(task->in_execve, BYTE_SIZE), (void *)task + INFO(task->in_execve, BYTE_OFFSET));
	word <<= INFO(task->in_execve, LSHIFT_U64);
	word >>= INFO(task->in_execve, RSHIFT_U64);
	return word != 0;
}
SEC("tp_btf/sched_switch") int flavours(__u64 *args)
{
	struct task_struct___old *old = (void *)args[1];
	struct task_struct___new *new = (void *)args[1];
	return INFO(old->state, EXISTS) ? old->state : new->__state;
}
SEC("raw_tp/sched_switch") int missing_type_behind_existence(__u64 *args)
{
	struct no_such_struct *it = (void *)args[1];
	return INFO(it->field, EXISTS) ? it->field : 0;
}

/* Rejected: instructions that couldn't be relocated are poisoned, and only reached ones matter. */
SEC("tp_btf/sched_switch") int missing_field(__u64 *args) { return ((struct task_struct *)args[1])->no_such_field; }
SEC("tp_btf/sched_switch") int missing_type(__u64 *args) { return ((struct no_such_struct *)args[1])->field; }
SEC("raw_tp/sched_switch") int size_of_a_missing_field(__u64 *args)
{
	struct task_struct *task = (void *)args[1];
	return INFO(task->no_such_field, BYTE_SIZE);
}
SEC("raw_tp/sched_switch") int expects_another_size(__u64 *args)
{
	struct task_struct *task = (void *)args[1];
	return INFO(task->comm, BYTE_SIZE) == 32 ? 0 : FAULT(args);
}
SEC("raw_tp/sched_switch") int number_is_no_task(__u64 *args) { return ((struct task_struct *)args[1])->pid; }
SEC("tp_btf/sched_switch") int writes_a_task(__u64 *args) { ((struct task_struct *)args[1])->pid = 1; return 0; }
