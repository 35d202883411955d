// Big endian: libbpf reads it, and refuses to load it on another machine.
// target: bpfeb

#include "bpf.h"

MAP(array, BPF_MAP_TYPE_ARRAY, 1, __u32, __u64);

SEC("xdp") int other_way_round(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&array, &key);
	if (value)
		*value += 1;
	return XDP_PASS;
}
