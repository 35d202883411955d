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
	long index = bpf_ktime_get_ns();
	if (!bytes || index < -1)	/* -1 is left */
		return XDP_PASS;
	asm volatile("" : "+r"(index));	/* two comparisons, not one */
	if (index > 15)
		return XDP_PASS;
	return bytes[index];
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u8 *bytes = bpf_map_lookup_elem(&values, &key);
	long index = bpf_ktime_get_ns();
	if (!bytes || index < 0)
		return XDP_PASS;
	asm volatile("" : "+r"(index));
	if (index > 15)
		return XDP_PASS;
	return bytes[index];
}

char _license[] SEC("license") = "GPL";
