#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__uint(map_flags, BPF_F_RDONLY_PROG);
	__type(key, __u32);
	__type(value, __u64);
} limits SEC(".maps");

SEC("xdp") int fault(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *limit = bpf_map_lookup_elem(&limits, &key);
	if (limit)
		*limit = 1;		/* programs may only read this map */
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *limit = bpf_map_lookup_elem(&limits, &key);
	if (limit)
		return *limit;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
