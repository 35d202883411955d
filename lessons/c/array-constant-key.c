#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

SEC("xdp") int fault(struct xdp_md *ctx)
{
	__u32 key __attribute__((aligned(8))) = 4;	/* the last is 3 */
	__u64 *counter = bpf_map_lookup_elem(&counters, &key);
	*counter += 1;
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u32 key __attribute__((aligned(8))) = 3;
	__u64 *counter = bpf_map_lookup_elem(&counters, &key);
	*counter += 1;			/* older kernels want a check of NULL here */
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
