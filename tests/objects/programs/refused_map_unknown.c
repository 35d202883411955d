// No kernel makes a map of such a type, so libbpf loads no program of the object, whether it uses the map or not.

#include "bpf.h"

struct {
	__uint(type, 4711);
	__uint(max_entries, 1);
	__uint(key_size, 4);
	__uint(value_size, 4);
} odd SEC(".maps");

SEC("xdp") int fine(struct xdp_md *ctx) { return XDP_PASS; }
