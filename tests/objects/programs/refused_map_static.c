// libbpf refuses the object as a whole: a map is static.

#include "bpf.h"

static struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, int);
} own SEC(".maps");

SEC("xdp") int reader(struct xdp_md *ctx)
{
	int key = 0;

	return bpf_map_lookup_elem(&own, &key) ? XDP_DROP : XDP_PASS;
}
SEC("xdp") int fine(struct xdp_md *ctx) { return XDP_PASS; }
