#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __noinline int large(int number)
{
	volatile char buffer[300];
	buffer[number & 255] = 1;
	return buffer[0];
}

static __noinline int small(int number)
{
	volatile char buffer[100];
	buffer[number & 63] = 1;
	return buffer[0];
}

SEC("xdp") int fault(struct xdp_md *ctx)
{
	volatile char buffer[300];	/* 600 together, of 512 */
	buffer[ctx->rx_queue_index & 255] = 1;
	return buffer[0] + large(ctx->rx_queue_index);
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	volatile char buffer[300];
	buffer[ctx->rx_queue_index & 255] = 1;
	return buffer[0] + small(ctx->rx_queue_index);
}

char _license[] SEC("license") = "GPL";
