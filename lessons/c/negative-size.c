#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct value {
	long length;
	char text[56];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct value);
} values SEC(".maps");

SEC("xdp") int fault(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct value *value = bpf_map_lookup_elem(&values, &key);
	if (!value)
		return XDP_PASS;
	long length = value->length;
	if (length > 56)		/* and what if it is below 0? */
		return XDP_PASS;
	return bpf_csum_diff(0, 0, (void *)value->text, length, 0);
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct value *value = bpf_map_lookup_elem(&values, &key);
	if (!value)
		return XDP_PASS;
	long length = value->length;
	if (length < 0 || length > 56)
		return XDP_PASS;
	return bpf_csum_diff(0, 0, (void *)value->text, length, 0);
}

char _license[] SEC("license") = "GPL";
