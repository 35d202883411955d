#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct task_struct {
	int pid;
} __attribute__((preserve_access_index));

extern struct task_struct *bpf_task_from_pid(int pid) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;

SEC("xdp") int fault(struct xdp_md *ctx)
{
	struct task_struct *task = bpf_task_from_pid(1);
	bpf_task_release(task);		/* there may be none */
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	struct task_struct *task = bpf_task_from_pid(1);
	if (task)
		bpf_task_release(task);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
