#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct value {
	struct bpf_spin_lock lock;
	__u32 count;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct value);
} values SEC(".maps");

SEC("xdp") int fault(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct value *value = bpf_map_lookup_elem(&values, &key);
	if (!value)
		return XDP_PASS;
	bpf_spin_lock(&value->lock);
	if (value->count > 100)
		return XDP_DROP;	/* with the lock */
	value->count++;
	bpf_spin_unlock(&value->lock);
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct value *value = bpf_map_lookup_elem(&values, &key);
	if (!value)
		return XDP_PASS;
	bpf_spin_lock(&value->lock);
	__u32 count = value->count++;
	bpf_spin_unlock(&value->lock);
	return count > 100 ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
