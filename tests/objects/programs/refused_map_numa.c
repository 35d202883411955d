// No kernel makes a map on a node that the machine hasn't.

#include "bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__uint(key_size, 4);
	__uint(value_size, 4);
	__uint(map_flags, BPF_F_NUMA_NODE);
	__uint(numa_node, 99);
} far SEC(".maps");

SEC("xdp") int fine(struct xdp_md *ctx) { return XDP_PASS; }
