// libbpf refuses the object as a whole: a map is a union.

#include "bpf.h"

union {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
} either SEC(".maps");

SEC("xdp") int fine(struct xdp_md *ctx) { return XDP_PASS; }
