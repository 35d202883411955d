// libbpf refuses the object as a whole: a static function stands in an array of programs.

#include "bpf.h"

static int part(struct xdp_md *ctx) { return XDP_DROP; }

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, 4);
	__array(values, int(struct xdp_md *));
} jumps SEC(".maps") = { .values = { [0] = &part } };

SEC("xdp") int jumper(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &jumps, ctx->rx_queue_index);
	return XDP_PASS;
}
