#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} programs SEC(".maps");

static __noinline void next(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &programs, 0);	/* ends the function early, with a result */
}

static __noinline int next_or_pass(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &programs, 0);
	return XDP_PASS;
}

SEC("xdp") int fault(struct xdp_md *ctx)
{
	next(ctx);
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	return next_or_pass(ctx);
}

char _license[] SEC("license") = "GPL";
