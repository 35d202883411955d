// libbpf refuses the object as a whole: a map has a member that it doesn't know.

#include "bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, 4);
	__uint(value_size, 4);
	__uint(colour, 7);
} odd SEC(".maps");

SEC("xdp") int fine(struct xdp_md *ctx) { return XDP_PASS; }
