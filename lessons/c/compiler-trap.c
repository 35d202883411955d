#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	if (ctx->rx_queue_index < 4)
		return XDP_PASS;
	bpf_get_prandom_u32();
	__builtin_unreachable();	/* as it says; the verifier comes here */
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	if (ctx->rx_queue_index < 4)
		return XDP_PASS;
	bpf_get_prandom_u32();
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
