#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct value {
	__u32 count;
	__u16 ports[10];
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
	struct value *one = bpf_map_lookup_elem(&values, &key);
	struct value *other = bpf_map_lookup_elem(&values, &key);
	if (!one)
		return XDP_PASS;
	other->count++;			/* another look-up, another pointer */
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct value *one = bpf_map_lookup_elem(&values, &key);
	struct value *other = one;
	if (!one)
		return XDP_PASS;
	other->count++;			/* a copy: the comparison holds for it */
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
