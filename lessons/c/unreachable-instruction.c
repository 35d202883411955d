#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	asm volatile("goto +1; r1 = 0" ::: "r1");	/* nothing leads to the second */
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	asm volatile("if %0 == 0 goto +1; r1 = 0" :: "r"(ctx->rx_queue_index) : "r1");
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
