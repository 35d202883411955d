#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

SEC("xdp") int fault(struct xdp_md *ctx)
{
	bpf_rcu_read_lock();
	if (ctx->rx_queue_index)
		return XDP_DROP;	/* the section is still open */
	bpf_rcu_read_unlock();
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	bpf_rcu_read_lock();
	int action = ctx->rx_queue_index ? XDP_DROP : XDP_PASS;
	bpf_rcu_read_unlock();
	return action;
}

char _license[] SEC("license") = "GPL";
