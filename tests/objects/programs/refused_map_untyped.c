// libbpf refuses the object as a whole: a map doesn't say of which type it is.

#include "bpf.h"

struct {
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, int);
} untyped SEC(".maps");

SEC("xdp") int fine(struct xdp_md *ctx) { return XDP_PASS; }
