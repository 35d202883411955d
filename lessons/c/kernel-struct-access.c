#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct task_struct {
	int pid;
} __attribute__((preserve_access_index));

SEC("tp_btf/sched_process_exit") int fault(__u64 *args)
{
	struct task_struct *task = (void *)args[0];
	task->pid = 0;			/* the kernel's own */
	return 0;
}

SEC("tp_btf/sched_process_exit") int repair(__u64 *args)
{
	struct task_struct *task = (void *)args[0];
	return task->pid;
}

char _license[] SEC("license") = "GPL";
