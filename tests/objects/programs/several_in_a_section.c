// Several programs in one section, one of them hidden, one static function beside them that two of them call.

#include "bpf.h"

static __noinline int twice(int number)
{
	barrier_var(number);
	return number * 2;
}

SEC("xdp") int first(struct xdp_md *ctx) { return twice(ctx->rx_queue_index) > 2 ? XDP_PASS : XDP_DROP; }
SEC("xdp") int second(struct xdp_md *ctx) { return XDP_DROP; }
SEC("xdp") int third(struct xdp_md *ctx) { return twice(ctx->ingress_ifindex) > 4 ? XDP_PASS : XDP_DROP; }
SEC("xdp") __hidden int fourth_hidden(struct xdp_md *ctx) { return XDP_TX; }
SEC("xdp") int fifth_rejected(struct xdp_md *ctx) { return twice(*(int *)(long)ctx->data); }
