#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile int debug = 0;		/* frozen before the load: a constant for the verifier */
volatile int verbose = 0;

SEC("xdp") int fault(struct xdp_md *ctx)
{
	if (verbose)			/* anybody may change it */
		return *(volatile int *)(long)ctx->rx_queue_index;
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	if (debug)			/* never walked */
		return *(volatile int *)(long)ctx->rx_queue_index;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
