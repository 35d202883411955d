// Variables of the kernel's by name, with and without type, there and not there.

#include "bpf.h"

struct task_struct { int pid; } CORE;
struct rq { unsigned int nr_running; int cpu; } CORE;

extern const struct rq runqueues __ksym;
extern const int bpf_prog_active __ksym;
extern const void schedule __ksym;
extern const void no_such_symbol __ksym __weak;
extern const struct rq no_such_variable __ksym __weak;

SEC("raw_tp/sched_switch") int typed_of_this_processor(void *ctx)
{
	struct rq *queue = bpf_this_cpu_ptr(&runqueues);
	return queue->nr_running > 1;
}
SEC("raw_tp/sched_switch") int typed_of_a_processor(void *ctx)
{
	struct rq *queue = bpf_per_cpu_ptr(&runqueues, 0);
	return queue ? queue->cpu : 1;
}
SEC("raw_tp/sched_switch") int typed_number(void *ctx)
{
	int *active = bpf_per_cpu_ptr(&bpf_prog_active, bpf_get_smp_processor_id());
	return active && *active;
}
SEC("raw_tp/sched_switch") int untyped(void *ctx)
{
	__u64 word = 0;
	bpf_probe_read_kernel(&word, sizeof(word), &schedule);
	return word != 0;
}
SEC("raw_tp/sched_switch") int untyped_missing(void *ctx) { return &no_such_symbol ? 1 : 0; }
SEC("raw_tp/sched_switch") int typed_missing(void *ctx) { return &no_such_variable ? 1 : 0; }

/* Rejected. */
SEC("raw_tp/sched_switch") int reads_percpu_directly(void *ctx) { return runqueues.cpu; }
SEC("raw_tp/sched_switch") int writes_the_kernels(void *ctx)
{
	struct rq *queue = bpf_this_cpu_ptr(&runqueues);
	queue->cpu = 1;
	return 0;
}
SEC("raw_tp/sched_switch") int without_null_check(void *ctx)
{
	struct rq *queue = bpf_per_cpu_ptr(&runqueues, 0);
	return queue->cpu;
}
SEC("raw_tp/sched_switch") int reads_an_address(void *ctx) { return *(int *)&schedule; }
