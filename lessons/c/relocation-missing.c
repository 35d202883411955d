#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

struct task_struct {
	int pid, no_such_field;
} __attribute__((preserve_access_index));

SEC("tp_btf/sched_process_exit") int fault(__u64 *args)
{
	struct task_struct *task = (void *)args[0];
	return task->no_such_field;
}

SEC("tp_btf/sched_process_exit") int repair(__u64 *args)
{
	struct task_struct *task = (void *)args[0];
	if (bpf_core_field_exists(task->no_such_field))
		return task->no_such_field;	/* not walked where there is none */
	return task->pid;
}

char _license[] SEC("license") = "GPL";
