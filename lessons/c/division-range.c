#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u8[10]);
} values SEC(".maps");

SEC("xdp") int fault(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u8 *bytes = bpf_map_lookup_elem(&values, &key);
	if (!bytes)
		return XDP_PASS;
	return bytes[bpf_ktime_get_ns() % 10];	/* kernels up to 6.19 don't follow it */
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u8 *bytes = bpf_map_lookup_elem(&values, &key);
	if (!bytes)
		return XDP_PASS;
	return bytes[bpf_ktime_get_ns() & 7];
}

char _license[] SEC("license") = "GPL";
