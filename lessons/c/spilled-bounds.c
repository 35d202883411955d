#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u8[16]);
} values SEC(".maps");

SEC("xdp") int fault(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u8 *bytes = bpf_map_lookup_elem(&values, &key);
	volatile __u64 index = ctx->rx_queue_index & 15;	/* on the stack */
	if (!bytes)
		return XDP_PASS;
	((volatile __u8 *)&index)[0] = 1;	/* one byte of it: the bounds are gone */
	return bytes[index];
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u8 *bytes = bpf_map_lookup_elem(&values, &key);
	volatile __u64 index = ctx->rx_queue_index & 15;
	if (!bytes)
		return XDP_PASS;
	return bytes[index];
}

char _license[] SEC("license") = "GPL";
