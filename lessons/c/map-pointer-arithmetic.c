#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

SEC("xdp") int fault(struct xdp_md *ctx)
{
	char *values = (char *)&counters;	/* a map is no array of C */
	return values[ctx->rx_queue_index & 15];
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u32 key = ctx->rx_queue_index & 15;
	__u64 *counter = bpf_map_lookup_elem(&counters, &key);
	return counter ? *counter : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
