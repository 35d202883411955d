#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define CALLS(name, next) \
	static __noinline int name(int number) \
	{ \
		asm volatile("" : "+r"(number)); \
		return next(number) + 1; \
	}

static __noinline int last(int number)
{
	asm volatile("" : "+r"(number));
	return number;
}

CALLS(seventh, last)
CALLS(sixth, seventh)
CALLS(fifth, sixth)
CALLS(fourth, fifth)
CALLS(third, fourth)
CALLS(second, third)
CALLS(first, second)

SEC("xdp") int fault(struct xdp_md *ctx)
{
	return first(ctx->rx_queue_index);	/* nine frames with this one */
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	return second(ctx->rx_queue_index);	/* eight */
}

char _license[] SEC("license") = "GPL";
