// Open-coded iterators: numbers, tasks, control groups, bits.

#include "bpf.h"

struct numbers { __u64 words[1]; } __attribute__((aligned(8)));
struct tasks { __u64 words[3]; } __attribute__((aligned(8)));
struct bits { __u64 words[2]; } __attribute__((aligned(8)));
struct task_struct { int pid; } CORE;

extern int bpf_iter_num_new(struct numbers *it, int start, int end) __weak __ksym;
extern int *bpf_iter_num_next(struct numbers *it) __weak __ksym;
extern void bpf_iter_num_destroy(struct numbers *it) __weak __ksym;
extern int bpf_iter_task_new(struct tasks *it, struct task_struct *task, unsigned int flags) __weak __ksym;
extern struct task_struct *bpf_iter_task_next(struct tasks *it) __weak __ksym;
extern void bpf_iter_task_destroy(struct tasks *it) __weak __ksym;
extern int bpf_iter_bits_new(struct bits *it, const __u64 *words, __u32 count) __weak __ksym;
extern int *bpf_iter_bits_next(struct bits *it) __weak __ksym;
extern void bpf_iter_bits_destroy(struct bits *it) __weak __ksym;
extern void bpf_rcu_read_lock(void) __weak __ksym;
extern void bpf_rcu_read_unlock(void) __weak __ksym;

SEC("raw_tp/sched_switch") int sums(void *ctx)
{
	struct numbers it;
	int *number, sum = 0;
	bpf_iter_num_new(&it, 0, 100);
	while ((number = bpf_iter_num_next(&it)))
		sum += *number;
	bpf_iter_num_destroy(&it);
	return sum;
}
SEC("raw_tp/sched_switch") int nested(void *ctx)
{
	struct numbers rows, columns;
	int *row, *column, sum = 0;
	bpf_iter_num_new(&rows, 0, 10);
	while ((row = bpf_iter_num_next(&rows))) {
		bpf_iter_num_new(&columns, 0, 10);
		while ((column = bpf_iter_num_next(&columns)))
			sum += *row * *column;
		bpf_iter_num_destroy(&columns);
	}
	bpf_iter_num_destroy(&rows);
	return sum;
}
SEC("raw_tp/sched_switch") int indexes_an_array(void *ctx)
{
	struct numbers it;
	int *number, sum = 0;
	char bytes[8] = {};
	bpf_iter_num_new(&it, 0, 8);
	while ((number = bpf_iter_num_next(&it))) {
		__u32 index = *number;
		if (index < 8)
			sum += bytes[index];
	}
	bpf_iter_num_destroy(&it);
	return sum;
}
SEC("syscall") int tasks(__u64 *args)
{
	struct tasks it;
	struct task_struct *task;
	int count = 0;
	bpf_rcu_read_lock();
	bpf_iter_task_new(&it, NULL, 0);
	while ((task = bpf_iter_task_next(&it)))
		count += task->pid == 1;
	bpf_iter_task_destroy(&it);
	bpf_rcu_read_unlock();
	return count;
}
SEC("syscall") int set_bits(void *ctx)
{
	struct bits it;
	__u64 word = 0x11;
	int *bit, sum = 0;
	bpf_iter_bits_new(&it, &word, 1);
	while ((bit = bpf_iter_bits_next(&it)))
		sum += *bit;
	bpf_iter_bits_destroy(&it);
	return sum;
}

/* Rejected. */
SEC("raw_tp/sched_switch") int not_destroyed(void *ctx) { struct numbers it; bpf_iter_num_new(&it, 0, 4); return 0; }
SEC("raw_tp/sched_switch") int not_created(void *ctx) { struct numbers it; return bpf_iter_num_next(&it) ? 1 : 0; }
SEC("raw_tp/sched_switch") int created_twice(void *ctx)
{
	struct numbers it;
	bpf_iter_num_new(&it, 0, 4);
	bpf_iter_num_new(&it, 0, 4);
	bpf_iter_num_destroy(&it);
	return 0;
}
SEC("raw_tp/sched_switch") int index_without_a_check(void *ctx)
{
	struct numbers it;
	int *number, sum = 0;
	char bytes[8] = {};
	bpf_iter_num_new(&it, 0, 8);
	while ((number = bpf_iter_num_next(&it)))
		sum += bytes[*number];
	bpf_iter_num_destroy(&it);
	return sum;
}
SEC("raw_tp/sched_switch") int element_without_null_check(void *ctx)
{
	struct numbers it;
	int number;
	bpf_iter_num_new(&it, 0, 8);
	number = *bpf_iter_num_next(&it);
	bpf_iter_num_destroy(&it);
	return number;
}
SEC("syscall") int tasks_without_rcu(__u64 *args)
{
	struct tasks it;
	bpf_iter_task_new(&it, NULL, 0);
	bpf_iter_task_destroy(&it);
	return 0;
}
