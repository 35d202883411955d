// Objects of the kernel used against their rules. Before each program: the class, the register that the fault is about, and a
// word that what helps must have, as they were written down before anything answered.

#include "bpf.h"

struct task_struct { int pid; struct task_struct *real_parent; } CORE;
struct numbers { __u64 words[1]; } __attribute__((aligned(8)));
struct dynptr { __u64 words[2]; } __attribute__((aligned(8)));
struct irq { unsigned long flags; };

static long (*const dynptr_from_mem)(void *, __u32, __u64, struct dynptr *) = (void *)197;
static long (*const ringbuf_reserve_dynptr)(void *, __u32, __u64, struct dynptr *) = (void *)198;
static void (*const ringbuf_submit_dynptr)(struct dynptr *, __u64) = (void *)199;
static void (*const ringbuf_discard_dynptr)(struct dynptr *, __u64) = (void *)200;
static long (*const dynptr_read)(void *, __u32, const struct dynptr *, __u32, __u64) = (void *)201;
static long (*const own_strncmp)(const char *, __u32, const char *) = (void *)182;
static long (*const own_snprintf)(char *, __u32, const char *, __u64 *, __u32) = (void *)165;

extern int bpf_iter_num_new(struct numbers *it, int start, int end) __weak __ksym;
extern int *bpf_iter_num_next(struct numbers *it) __weak __ksym;
extern void bpf_iter_num_destroy(struct numbers *it) __weak __ksym;
extern void bpf_rcu_read_lock(void) __weak __ksym;
extern void bpf_rcu_read_unlock(void) __weak __ksym;
extern void bpf_preempt_disable(void) __weak __ksym;
extern void bpf_preempt_enable(void) __weak __ksym;
extern void bpf_local_irq_save(unsigned long *flags) __weak __ksym;
extern void bpf_local_irq_restore(unsigned long *flags) __weak __ksym;
extern struct task_struct *bpf_task_acquire(struct task_struct *task) __weak __ksym;
extern void bpf_task_release(struct task_struct *task) __weak __ksym;
extern struct task_struct *bpf_task_from_pid(int pid) __weak __ksym;

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } ring SEC(".maps");
struct locked { struct bpf_spin_lock lock; int count; };
MAP(counters, BPF_MAP_TYPE_ARRAY, 1, __u32, struct locked);
struct timed { struct bpf_timer timer; int count; };
MAP(timers, BPF_MAP_TYPE_ARRAY, 1, __u32, struct timed);
struct held { struct task_struct __kptr *task; };
MAP(tasks, BPF_MAP_TYPE_ARRAY, 1, __u32, struct held);

//= dynptr-overwritten - back
SEC("tp_btf/sched_switch") int dynptr_made_twice(void *ctx)
{
	struct dynptr d;
	ringbuf_reserve_dynptr(&ring, 8, 0, &d);
	ringbuf_reserve_dynptr(&ring, 8, 0, &d);
	ringbuf_discard_dynptr(&d, 0);
	return 0;
}
//= uninitialised-dynptr r3 Make
SEC("tp_btf/sched_switch") int dynptr_never_made(void *ctx)
{
	struct dynptr d;
	char out[8];
	return dynptr_read(out, 8, &d, 0, 0);
}
//= reference-leak - release
SEC("tp_btf/sched_switch") int dynptr_not_given_back(void *ctx)
{
	struct dynptr d;
	ringbuf_reserve_dynptr(&ring, 8, 0, &d);
	return 0;
}
//= dynptr-overwritten - back
SEC("tp_btf/sched_switch") int dynptr_overwritten(void *ctx)
{
	struct dynptr d;
	ringbuf_reserve_dynptr(&ring, 8, 0, &d);
	*(volatile __u64 *)&d = 7;
	ringbuf_discard_dynptr(&d, 0);
	return 0;
}
//= double-release r1 once
//7.3= dynptr-argument r1 kind
SEC("tp_btf/sched_switch") int dynptr_of_another_kind(void *ctx)
{
	static char data[8];
	struct dynptr d;
	dynptr_from_mem(data, 8, 0, &d);
	ringbuf_submit_dynptr(&d, 0);
	return 0;
}
//= iterator-state r1 new
SEC("raw_tp/sched_switch") int iterator_never_made(void *ctx)
{
	struct numbers it;
	bpf_iter_num_next(&it);
	return 0;
}
//= iterator-state r1 destroy
SEC("raw_tp/sched_switch") int iterator_made_twice(void *ctx)
{
	struct numbers it;
	bpf_iter_num_new(&it, 0, 3);
	bpf_iter_num_new(&it, 0, 3);
	bpf_iter_num_destroy(&it);
	return 0;
}
//= reference-leak - path
SEC("raw_tp/sched_switch") int iterator_not_ended(void *ctx)
{
	struct numbers it;
	bpf_iter_num_new(&it, 0, 3);
	return 0;
}
//= iterator-state r1 destroy
SEC("raw_tp/sched_switch") int iterator_ended_twice(void *ctx)
{
	struct numbers it;
	bpf_iter_num_new(&it, 0, 3);
	bpf_iter_num_destroy(&it);
	bpf_iter_num_destroy(&it);
	return 0;
}
//= irq-flag r1 restore
//6.12= relocation-missing - loader
SEC("tp_btf/sched_switch") int interrupts_restored_without_save(void *ctx)
{
	unsigned long flags;
	bpf_local_irq_restore(&flags);
	return 0;
}
//= irq-flag r1 order
//6.12= relocation-missing - loader
SEC("tp_btf/sched_switch") int interrupts_restored_in_another_order(void *ctx)
{
	unsigned long first, second;
	bpf_local_irq_save(&first);
	bpf_local_irq_save(&second);
	bpf_local_irq_restore(&first);
	bpf_local_irq_restore(&second);
	return 0;
}
//= irq-flag - path
//6.12= relocation-missing - loader
SEC("tp_btf/sched_switch") int interrupts_left_off(void *ctx)
{
	unsigned long flags;
	bpf_local_irq_save(&flags);
	return 0;
}
//= rcu-section - unlock
SEC("tp_btf/sched_switch") int read_section_left_open(void *ctx)
{
	bpf_rcu_read_lock();
	return 0;
}
//= rcu-section - unlock
SEC("tp_btf/sched_switch") int read_section_ended_without_begin(void *ctx)
{
	bpf_rcu_read_unlock();
	return 0;
}
//= preemption-section - path
SEC("tp_btf/sched_switch") int preemption_left_disabled(void *ctx)
{
	bpf_preempt_disable();
	return 0;
}
//= preemption-section - disabling
SEC("tp_btf/sched_switch") int preemption_enabled_without_disabling(void *ctx)
{
	bpf_preempt_enable();
	return 0;
}
//= lock-region - unlock
SEC("tc") int lock_left_held(void *ctx)
{
	__u32 key = 0;
	struct locked *value = bpf_map_lookup_elem(&counters, &key);
	if (!value)
		return 0;
	bpf_spin_lock(&value->lock);
	value->count++;
	return 0;
}
//= lock-region - lock
SEC("tc") int lock_taken_twice(void *ctx)
{
	__u32 key = 0;
	struct locked *value = bpf_map_lookup_elem(&counters, &key);
	if (!value)
		return 0;
	bpf_spin_lock(&value->lock);
	bpf_spin_lock(&value->lock);
	bpf_spin_unlock(&value->lock);
	return 0;
}
//= lock-region - before
SEC("tc") int call_with_the_lock_held(void *ctx)
{
	__u32 key = 0;
	struct locked *value = bpf_map_lookup_elem(&counters, &key);
	if (!value)
		return 0;
	bpf_spin_lock(&value->lock);
	value->count = bpf_ktime_get_ns();
	bpf_spin_unlock(&value->lock);
	return 0;
}
//= lock-region - lock
SEC("tc") int unlocked_without_lock(void *ctx)
{
	__u32 key = 0;
	struct locked *value = bpf_map_lookup_elem(&counters, &key);
	if (!value)
		return 0;
	bpf_spin_unlock(&value->lock);
	return 0;
}
//= lock-place - itself
SEC("tc") int lock_by_another_address(void *ctx)
{
	__u32 key = 0;
	struct locked *value = bpf_map_lookup_elem(&counters, &key);
	if (!value)
		return 0;
	bpf_spin_lock((void *)&value->count);
	bpf_spin_unlock((void *)&value->count);
	return 0;
}
//= special-field - directly
SEC("tc") int lock_written(void *ctx)
{
	__u32 key = 0;
	struct locked *value = bpf_map_lookup_elem(&counters, &key);
	if (!value)
		return 0;
	*(volatile int *)&value->lock = 1;
	return 0;
}
//= special-field - alone
SEC("tc") int timer_written(void *ctx)
{
	__u32 key = 0;
	struct timed *value = bpf_map_lookup_elem(&timers, &key);
	if (!value)
		return 0;
	*(volatile __u64 *)&value->timer = 1;
	return 0;
}
//= spin-lock-without-btf - BTF
SEC("tc") int lock_in_a_map_without_one(void *ctx)
{
	__u32 key = 0;
	struct timed *value = bpf_map_lookup_elem(&timers, &key);
	if (!value)
		return 0;
	bpf_spin_lock((void *)&value->count);
	bpf_spin_unlock((void *)&value->count);
	return 0;
}
//= special-field r1 map
SEC("tc") int timer_with_another_map(void *ctx)
{
	__u32 key = 0;
	struct timed *value = bpf_map_lookup_elem(&timers, &key);
	if (!value)
		return 0;
	bpf_timer_init(&value->timer, &counters, 1);
	return 0;
}
//= kptr - bpf_kptr_xchg
SEC("tp_btf/sched_switch") int kernel_pointer_stored(void *ctx)
{
	__u32 key = 0;
	struct held *value = bpf_map_lookup_elem(&tasks, &key);
	if (!value)
		return 0;
	*(volatile __u64 *)&value->task = 5;
	return 0;
}
//= kptr - whole
SEC("tp_btf/sched_switch") int kernel_pointer_read_in_part(void *ctx)
{
	__u32 key = 0;
	struct held *value = bpf_map_lookup_elem(&tasks, &key);
	if (!value)
		return 0;
	return *(volatile int *)&value->task;
}
//= nullable-argument r1 NULL
SEC("tp_btf/sched_switch") int task_released_unchecked(void *ctx)
{
	struct task_struct *task = bpf_task_from_pid(1);
	bpf_task_release(task);
	return 0;
}
//= reference-leak - path
SEC("tp_btf/sched_switch") int task_not_released(void *ctx)
{
	struct task_struct *task = bpf_task_from_pid(1);
	return task ? 1 : 0;
}
//= untrusted-pointer r1 acquire
SEC("tp_btf/sched_switch") int parent_acquired_by_a_pointer_walked_to(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[1], *parent;
	parent = bpf_task_acquire(task->real_parent->real_parent);
	if (parent)
		bpf_task_release(parent);
	return 0;
}
//= kfunc-argument r1 prototype
SEC("tp_btf/sched_switch") int number_for_a_task(void *ctx)
{
	bpf_task_release((void *)7);
	return 0;
}
//= argument-type r3 map_value
SEC("tp_btf/sched_switch") int comparison_with_a_string_that_changes(void *ctx)
{
	char text[8] = "abc", other[8] = "abd";
	return own_strncmp(text, 8, other);
}
//= argument-type r3 map_value
SEC("tp_btf/sched_switch") int format_of_the_stack(void *ctx)
{
	char out[8], format[4] = "%d";
	__u64 data = 1;
	return own_snprintf(out, 8, format, &data, 8);
}
char _license[] SEC("license") = "GPL";
