#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	long data = ctx->data, end = ctx->data_end;
	asm volatile("" : "+r"(data));
	__u8 *aligned = (void *)(data & ~7l);
	if (aligned + 1 > (__u8 *)end)
		return XDP_PASS;
	return *aligned;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	long data = ctx->data, end = ctx->data_end;
	__u8 *aligned = (void *)(data + (ctx->rx_queue_index & 0xf8));	/* the offset, not the pointer */
	if (aligned + 1 > (__u8 *)end)
		return XDP_PASS;
	return *aligned;
}

char _license[] SEC("license") = "GPL";
