#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__noinline int next(int number)
{
	asm volatile("" : "+r"(number));
	return number + 1;
}

SEC("xdp") int fault(struct xdp_md *ctx)
{
	return ((int (*)(void *))next)(ctx);	/* an address for a number */
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	return next(ctx->rx_queue_index);
}

char _license[] SEC("license") = "GPL";
