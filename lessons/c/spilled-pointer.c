#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	struct xdp_md *volatile saved = ctx;	/* on the stack */
	return *(volatile __u32 *)&saved;	/* half of a pointer */
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	struct xdp_md *volatile saved = ctx;
	return saved->rx_queue_index;
}

char _license[] SEC("license") = "GPL";
