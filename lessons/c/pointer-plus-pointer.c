#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	unsigned long data = ctx->data, end = ctx->data_end;
	return (data + end) >> 1;	/* the middle: not so */
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	unsigned long data = ctx->data, end = ctx->data_end;
	return (end - data) >> 1;
}

char _license[] SEC("license") = "GPL";
