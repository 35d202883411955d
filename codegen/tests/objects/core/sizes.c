/* Members of another size than the kernel's. */
#include "core.h"

/* The kernel's are wider or narrower, and not signed: loads change with them. */
struct KERNEL sk_buff___sizes {
	unsigned long long len;
	unsigned char mark;
	unsigned int queue_mapping;
};

/* The kernel's are signed, or these are. */
struct KERNEL task_struct___sizes {
	long long pid;
	unsigned char tgid;
	short prio;
};

/* No numbers. */
struct KERNEL task_struct___other {
	struct { unsigned a; } se;
	int tasks;
	unsigned long long comm[2];
};

SEC("socket") int unsigned_ones(struct sk_buff___sizes *skb)
{
	out = skb->len;
	out = skb->mark;
	out = skb->queue_mapping;
	return 0;
}

SEC("socket") int unsigned_stores(struct sk_buff___sizes *skb)
{
	skb->len = out;
	skb->mark = 3;
	return 0;
}

SEC("socket") int places(struct task_struct___sizes *task)
{
	out = offset_of(task->pid);
	out = size_of(task->pid);
	return 0;
}

SEC("socket") int wide_signed(struct task_struct___sizes *task)
{
	out = task->pid;
	return 0;
}

SEC("socket") int narrow_unsigned(struct task_struct___sizes *task)
{
	out = task->tgid;
	return 0;
}

SEC("socket") int narrow_signed(struct task_struct___sizes *task)
{
	out = task->prio;
	return 0;
}

SEC("socket") int other_kind(struct task_struct___other *task)
{
	out = offset_of(task->tasks);
	return 0;
}
