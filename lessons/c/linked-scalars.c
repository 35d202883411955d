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
	__u64 index = ctx->rx_queue_index, next;
	if (!bytes)
		return XDP_PASS;
	asm volatile("%0 = %1; %0 += 1" : "=r"(next) : "r"(index));
	if (index > 15)			/* so the next is up to 16 */
		return XDP_PASS;
	return bytes[next];
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u8 *bytes = bpf_map_lookup_elem(&values, &key);
	__u64 index = ctx->rx_queue_index, next;
	if (!bytes)
		return XDP_PASS;
	asm volatile("%0 = %1; %0 += 1" : "=r"(next) : "r"(index));
	if (index > 14)			/* and the verifier knows it of the next too */
		return XDP_PASS;
	return bytes[next];
}

char _license[] SEC("license") = "GPL";
