// Global functions whose arguments carry tags that only newer kernels know.

#include "bpf.h"

struct task_struct { int pid; } CORE;
struct dynptr { __u64 words[2]; };
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } ringbuf SEC(".maps");

__noinline int trusted_task(struct task_struct *task __arg("trusted")) { return task->pid; }
__noinline int task_or_null(struct task_struct *task __arg("trusted") __arg("nullable")) { return task ? task->pid : 0; }
__noinline int untrusted_task(struct task_struct *task __arg("untrusted")) { return task->pid; }
__noinline int dynptr_argument(const struct bpf_dynptr *dynptr) { return bpf_dynptr_data(dynptr, 0, 4) ? 1 : 0; }

SEC("tp_btf/sched_switch") int passes_trusted(__u64 *args) { return trusted_task((void *)args[1]); }
SEC("tp_btf/sched_switch") int passes_null(__u64 *args) { return task_or_null(NULL); }
SEC("tp_btf/sched_switch") int passes_untrusted(__u64 *args) { return untrusted_task((void *)args[2]); }
SEC("tp_btf/sched_switch") int passes_dynptr(__u64 *args)
{
	struct bpf_dynptr dynptr;
	int result = 0;
	if (!bpf_ringbuf_reserve_dynptr(&ringbuf, 8, 0, &dynptr))
		result = dynptr_argument(&dynptr);
	bpf_ringbuf_discard_dynptr(&dynptr, 0);
	return result;
}

/* Rejected. */
SEC("tp_btf/sched_switch") int passes_null_for_trusted(__u64 *args) { return trusted_task(NULL); }
SEC("raw_tp/sched_switch") int passes_a_number(void *ctx) { return trusted_task((void *)bpf_get_current_task()); }
