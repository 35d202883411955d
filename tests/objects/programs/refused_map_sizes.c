// libbpf refuses the object as a whole: the size of a map's values is said twice, and not alike.

#include "bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, __u64);
	__uint(value_size, 4);
} twice SEC(".maps");

SEC("xdp") int fine(struct xdp_md *ctx) { return XDP_PASS; }
