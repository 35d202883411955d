#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	long number = ctx->rx_queue_index;
	asm volatile("%0 <<= 64" : "+r"(number));
	return number;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	long number = ctx->rx_queue_index;
	asm volatile("%0 <<= 63" : "+r"(number));
	return number;
}

char _license[] SEC("license") = "GPL";
