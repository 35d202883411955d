#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct value {
	__u64 index;
	__u8 bytes[16];
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
	return value->bytes[value->index];
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct value *value = bpf_map_lookup_elem(&values, &key);
	if (!value)
		return XDP_PASS;
	__u64 index = value->index;
	if (index >= sizeof(value->bytes))
		return XDP_PASS;
	return value->bytes[index];
}

char _license[] SEC("license") = "GPL";
