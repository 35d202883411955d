#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") long fault(struct xdp_md *ctx)
{
	return (long)ctx;		/* an address */
}

SEC("xdp") long repair(struct xdp_md *ctx)
{
	return ctx->rx_queue_index;
}

char _license[] SEC("license") = "GPL";
