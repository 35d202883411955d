// The kernel refuses what libbpf puts into a map of maps, and libbpf the object: a map at a place that it hasn't.

#include "bpf.h"

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, int);
	__type(value, int);
};
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, int);
	__type(value, int);
} other SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, int);
	__array(values, struct inner);
} outer SEC(".maps") = { .values = { [5] = (void *)&other } };

SEC("xdp") int reader(struct xdp_md *ctx)
{
	int key = 0;

	return bpf_map_lookup_elem(&outer, &key) ? XDP_DROP : XDP_PASS;
}
SEC("xdp") int fine(struct xdp_md *ctx) { return XDP_PASS; }
