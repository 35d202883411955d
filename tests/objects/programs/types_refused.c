// Types that no kernel takes, for a name in them: libbpf goes on without any.

#include "bpf.h"

volatile int odd __asm__("an-odd.name");

struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, __u32); __type(value, __u64); __uint(max_entries, 4); } counts SEC(".maps");

static __noinline int local(int number) { barrier_var(number); return number + 1; }
__noinline int global(int number) { barrier_var(number); return number + 2; }

/* Accepted: global functions are as static ones then. */
SEC("xdp") int reads(struct xdp_md *ctx) { return odd; }
SEC("xdp") int calls(struct xdp_md *ctx) { return local(ctx->rx_queue_index) + global(ctx->ingress_ifindex); }
SEC("xdp") int looks_up(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *count = bpf_map_lookup_elem(&counts, &key);
	return count ? *count : XDP_PASS;
}
/* Rejected. */
SEC("xdp") int without_null_check(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *count = bpf_map_lookup_elem(&counts, &key);
	return *count;
}
