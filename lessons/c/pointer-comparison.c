#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	return (long)ctx > 4096 ? XDP_PASS : XDP_DROP;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	return ctx->rx_queue_index > 4096 ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
