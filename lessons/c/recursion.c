#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __noinline int depth(int number)
{
	if (number <= 0)
		return 0;
	int below = depth(number - 1);
	asm volatile("" : "+r"(below));	/* so that the compiler makes no loop of it */
	return below + 1;
}

SEC("xdp") int fault(struct xdp_md *ctx)
{
	return depth(ctx->rx_queue_index);
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	int below = 0;
	for (int number = ctx->rx_queue_index & 63; number > 0; number--)
		below++;
	return below;
}

char _license[] SEC("license") = "GPL";
