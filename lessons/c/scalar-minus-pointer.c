#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	long data = ctx->data, left;
	left = 1500 - data;
	asm volatile("" : "+r"(left));
	return left;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	long data = ctx->data, end = ctx->data_end, left;
	left = 1500 - (end - data);
	asm volatile("" : "+r"(left));
	return left;
}

char _license[] SEC("license") = "GPL";
