#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	volatile char buffer[8];
	buffer[ctx->rx_queue_index & 15] = 1;	/* the last is buffer[7] */
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	volatile char buffer[8];
	buffer[ctx->rx_queue_index & 7] = 1;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
