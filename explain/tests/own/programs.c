// Functions, arguments, hooks, types and limits used against their rules; what stands before a program is said in `objects.c`.

#include "bpf.h"

struct task_struct { int pid; int tgid; struct task_struct *real_parent; } CORE;
struct file { unsigned int f_flags; } CORE;
struct node { long key; };

static long (*const copy_from_user)(void *, __u32, const void *) = (void *)148;
static long (*const own_loop)(__u32, void *, void *, __u64) = (void *)181;
static long (*const ringbuf_output)(void *, void *, __u64, __u64) = (void *)130;
static void *(*const ringbuf_reserve)(void *, __u64, __u64) = (void *)131;
static void (*const ringbuf_submit)(void *, __u64) = (void *)132;
static long (*const probe_read_kernel)(void *, __u32, const void *) = (void *)113;

extern void bpf_rcu_read_lock(void) __weak __ksym;
extern void bpf_rcu_read_unlock(void) __weak __ksym;
extern void bpf_throw(__u64 cookie) __weak __ksym;
extern struct task_struct *bpf_task_from_pid(int pid) __weak __ksym;
extern void bpf_task_release(struct task_struct *task) __weak __ksym;

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } ring SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 4); __type(key, __u32); __type(value, __u32); } others SEC(".maps");
MAP(values, BPF_MAP_TYPE_ARRAY, 1, __u32, __u64);
MAP(hashed, BPF_MAP_TYPE_HASH, 8, __u32, __u64);

__noinline int takes_a_number(int number) { barrier_var(number); return number + 1; }
__noinline int takes_memory(int *number) { return number ? *number : 0; }
__noinline int takes_the_context(struct __sk_buff *skb) { return skb->len; }
__noinline int does_not_check(int *number) { return *number; }
__noinline struct node *gives_a_pointer(int number) { barrier_var(number); return (void *)(long)number; }
__noinline int takes_no_size(void *memory) { return memory ? *(int *)memory : 0; }

//= global-function-argument r1 prototype
SEC("tc") int pointer_for_a_number(struct __sk_buff *skb) { return takes_a_number((int)(long)skb); }
//= global-function-argument r1 prototype
SEC("tc") int number_for_memory(struct __sk_buff *skb) { return takes_memory((void *)7); }
//= global-function-argument r1 prototype
SEC("tc") int stack_for_the_context(struct __sk_buff *skb)
{
	__u64 words[30] = {};
	barrier_var(skb);
	return takes_the_context((void *)words);
}
//= map-value-or-null r1 NULL
SEC("tc") int memory_that_is_not_checked(struct __sk_buff *skb) { int n = skb->len; return does_not_check(&n); }
//= global-function-signature - number
SEC("tc") int pointer_of_a_function(struct __sk_buff *skb) { return gives_a_pointer(skb->len) ? 1 : 0; }
//= global-function-argument - prototype
SEC("tc") int memory_of_unknown_size(struct __sk_buff *skb) { int n = skb->len; return takes_no_size(&n); }

//= sleeping-call - sleepable
SEC("tp_btf/sched_switch") int may_not_sleep(__u64 *ctx)
{
	char text[8];
	copy_from_user(text, 8, (void *)ctx[1]);
	return text[0];
}
//= sleeping-call - section
SEC("lsm.s/file_open") int sleeps_in_a_read_section(__u64 *ctx)
{
	char text[8] = {};
	bpf_rcu_read_lock();
	copy_from_user(text, 8, (void *)1);
	bpf_rcu_read_unlock();
	return 0;
}
//= kernel-struct-access - member
SEC("tp_btf/sched_switch") int kernel_struct_written(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[1];
	*(volatile int *)&task->pid = 5;
	return 0;
}
//= kernel-struct-access r1 CO-RE
SEC("tp_btf/sched_switch") int beyond_a_kernel_struct(__u64 *ctx)
{
	char *task = (void *)ctx[1];
	return *(volatile int *)(task + 1000000);
}
//= null-dereference r1 bpf_probe_read_kernel
SEC("kprobe/do_nanosleep") int kernel_memory_read_directly(void *ctx)
{
	long *regs = ctx;
	int *memory = (void *)regs[14];
	return *memory;
}
//= context-access - CO-RE
SEC("tp_btf/sched_switch") int beyond_the_arguments(__u64 *ctx) { return ctx[9]; }
//= attach-target - name
SEC("fentry/there_is_no_such_function") int hook_that_is_not_there(__u64 *ctx) { return 0; }
//= reference-leak - path
SEC("tc") int thrown_with_something_held(struct __sk_buff *skb)
{
	struct task_struct *task = bpf_task_from_pid(1);
	if (!task)
		return 0;
	bpf_throw(1);
	return 0;
}
//= argument-type r3 fp
static __noinline int calls_on(struct __sk_buff *skb) { bpf_tail_call(skb, &others, 0); return 1; }
static int back(__u32 index, void *data) { bpf_tail_call(data, &others, 0); return 0; }
SEC("tc") int tail_call_in_a_callback(struct __sk_buff *skb) { own_loop(4, back, skb, 0); return 0; }
//= map-type - type
SEC("tc") int lookup_in_a_ring(struct __sk_buff *skb) { __u32 key = 0; return bpf_map_lookup_elem(&ring, &key) ? 1 : 0; }
//= relocation-missing - loader
SEC("tc") int number_for_a_map(struct __sk_buff *skb) { __u32 key = 0; return bpf_map_lookup_elem((void *)0, &key) ? 1 : 0; }
//= null-dereference r1 NULL
SEC("tc") int null_itself(struct __sk_buff *skb) { int *p = (void *)0; barrier_var(p); return *p; }
//= double-release r1 once
SEC("tc") int record_submitted_twice(struct __sk_buff *skb)
{
	__u64 *record = ringbuf_reserve(&ring, 8, 0);
	if (!record)
		return 0;
	ringbuf_submit(record, 0);
	ringbuf_submit(record, 0);
	return 0;
}
//= memory-bounds r0 reserve
SEC("tc") int beyond_a_record(struct __sk_buff *skb)
{
	char *record = ringbuf_reserve(&ring, 8, 0);
	if (!record)
		return 0;
	record[8] = 1;
	ringbuf_submit(record, 0);
	return 0;
}
//= ringbuf-or-null r0 NULL
SEC("tc") int record_unchecked(struct __sk_buff *skb)
{
	__u64 *record = ringbuf_reserve(&ring, 8, 0);
	*record = 1;
	ringbuf_submit(record, 0);
	return 0;
}
//= packet-unchecked r1 data_end
SEC("xdp") int packet_unchecked(struct xdp_md *ctx) { return *(char *)(long)ctx->data; }
//= packet-check-too-short r1 data_end
SEC("xdp") int packet_checked_for_less(struct xdp_md *ctx)
{
	char *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	if (data + 14 > end)
		return 1;
	return *(volatile __u32 *)(data + 12);
}
//= context-access r1 linux/bpf.h
SEC("xdp") int context_written(struct xdp_md *ctx) { *(volatile __u32 *)&ctx->data = 0; return 1; }
//= helper-not-for-type - type
SEC("socket") int helper_of_another_type(struct __sk_buff *skb) { return bpf_redirect(1, 0); }
//= unknown-helper - kernel
SEC("xdp") int helper_that_is_not_there(struct xdp_md *ctx) { long (*const helper)(void) = (void *)9999; return helper(); }
//= map-value-max - constant
SEC("tc") int index_too_large(struct __sk_buff *skb)
{
	__u32 key = 0, index = skb->len;
	char *value = bpf_map_lookup_elem(&values, &key);
	if (!value || index > 8)
		return 0;
	return value[index];
}
//= unreachable-instruction - remove
SEC("tc") int turns_for_ever(struct __sk_buff *skb)
{
	asm volatile("1: goto 1b" ::: "memory");
	return 0;
}
//= callback-result r0 0
static int gives_seven(__u32 index, void *data) { return 7; }
SEC("tc") int callback_gives_seven(struct __sk_buff *skb) { own_loop(4, gives_seven, (void *)0, 0); return 0; }
//= result-range r0 r0
SEC("cgroup/skb") int other_result(struct __sk_buff *skb) { return 7; }
//= result-range r0 r0
SEC("lsm/file_open") int lsm_result(__u64 *ctx) { return 7; }
//= negative-size r2 size
SEC("tp_btf/sched_switch") int size_without_bound(__u64 *ctx)
{
	char text[16];
	probe_read_kernel(text, bpf_ktime_get_ns(), (void *)ctx[1]);
	return text[0];
}
//= zero-size r2 zero
SEC("tc") int size_of_perhaps_zero(struct __sk_buff *skb)
{
	char text[16] = {};
	__u32 size = bpf_get_prandom_u32() & 15;
	return bpf_trace_printk(text, size);
}
char _license[] SEC("license") = "GPL";
