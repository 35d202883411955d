// Locks, casts, tail calls and instructions where they may not be; what stands before a program is said in `objects.c`.

#include "bpf.h"

struct bpf_list_head { __u64 words[2]; } __attribute__((aligned(8)));
struct bpf_list_node { __u64 words[3]; } __attribute__((aligned(8)));
struct node { struct bpf_list_node link; long key; };
struct task_struct { int pid; } CORE;

extern void *bpf_rdonly_cast(const void *object, __u32 type) __weak __ksym;
extern struct task_struct *bpf_task_acquire(struct task_struct *task) __weak __ksym;
extern void bpf_task_release(struct task_struct *task) __weak __ksym;
extern struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *head) __weak __ksym;

struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 4); __type(key, __u32); __type(value, __u32); } others SEC(".maps");
PRIVATE(L) struct bpf_spin_lock lock;
PRIVATE(L) struct bpf_list_head head __contains(node, link);

//= spin-lock-without-btf - BTF
SEC("tp_btf/sched_switch") int list_in_tracing(void *ctx)
{
	bpf_spin_lock(&lock);
	bpf_list_pop_front(&head);
	bpf_spin_unlock(&lock);
	return 0;
}
//= untrusted-pointer r1 acquire
SEC("tp_btf/sched_switch") int cast_object_acquired(__u64 *ctx)
{
	struct task_struct *task = bpf_rdonly_cast((void *)ctx[1], __builtin_btf_type_id(*(struct task_struct *)0, 1));
	task = bpf_task_acquire(task);
	if (task)
		bpf_task_release(task);
	return 0;
}
//= tail-call-in-function - main
static __noinline void calls_on(struct __sk_buff *skb) { bpf_tail_call(skb, &others, 0); }
SEC("tc") int tail_call_in_a_function_without_result(struct __sk_buff *skb) { calls_on(skb); return 0; }
//= spilled-pointer - whole
SEC("tc") int spilled_pointer_in_part(struct __sk_buff *skb)
{
	int r;
	asm volatile("*(u64 *)(r10 - 8) = %1; %0 = *(u32 *)(r10 - 8)" : "=r"(r) : "r"(skb) : "memory");
	return r;
}
//= stack-alignment - aligned
SEC("tc") int stack_not_aligned(struct __sk_buff *skb)
{
	int r;
	asm volatile("*(u64 *)(r10 - 12) = %1; %0 = *(u64 *)(r10 - 12)" : "=r"(r) : "r"(0L) : "memory");
	return r;
}
//= pointer-operator - number
SEC("tc") int pointer_shifted(struct __sk_buff *skb)
{
	long r;
	asm volatile("%0 = %1; %0 <<= 2" : "=r"(r) : "r"(skb));
	return r;
}
//= pointer-plus-pointer - number
SEC("tc") int pointers_added(struct __sk_buff *skb)
{
	long r;
	asm volatile("%0 = %1; %0 += r10" : "=r"(r) : "r"(skb));
	return r;
}
//= uninitialised-register r4 Write
SEC("tc") int register_never_written(struct __sk_buff *skb)
{
	long r;
	asm volatile("%0 = r4" : "=r"(r));
	return r;
}
//= frame-pointer-write - r10
SEC("tc") int frame_pointer_moved(struct __sk_buff *skb)
{
	asm volatile("r10 += 8");
	return 0;
}
//= stack-bounds - stack
SEC("tc") int above_the_frame(struct __sk_buff *skb)
{
	asm volatile("*(u64 *)(r10 + 8) = %0" :: "r"(0L) : "memory");
	return 0;
}
//= division-by-zero - zero
SEC("tc") int divided_by_zero(struct __sk_buff *skb)
{
	long r;
	asm volatile("%0 = 7; %0 /= 0" : "=r"(r));
	return r;
}
//= shift-count - 64
SEC("tc") int shifted_too_far(struct __sk_buff *skb)
{
	long r;
	asm volatile("%0 = 7; %0 <<= 64" : "=r"(r));
	return r;
}
//= atomic-target - atomic
SEC("tc") int atomic_on_the_context(struct __sk_buff *skb)
{
	asm volatile("lock *(u32 *)(%0 + 8) += %1" :: "r"(skb), "r"(1L) : "memory");
	return 0;
}
char _license[] SEC("license") = "GPL";
