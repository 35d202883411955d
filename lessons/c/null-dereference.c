#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct task {
	int pid;
};

SEC("raw_tp/sys_enter") int fault(void *ctx)
{
	struct task *task = (void *)bpf_get_current_task();
	return task->pid;		/* the helper gives a number, no pointer */
}

SEC("raw_tp/sys_enter") int repair(void *ctx)
{
	struct task *task = (void *)bpf_get_current_task();
	int pid = 0;
	bpf_probe_read_kernel(&pid, sizeof(pid), &task->pid);
	return pid;
}

char _license[] SEC("license") = "GPL";
