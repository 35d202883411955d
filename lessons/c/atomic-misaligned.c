#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct value {
	__u32 kind;
	__u8 counter[12];
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
	__u64 *counter = (void *)value->counter;	/* eight bytes at 4 */
	__sync_fetch_and_add(counter, 1);
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct value *value = bpf_map_lookup_elem(&values, &key);
	if (!value)
		return XDP_PASS;
	__u64 *counter = (void *)(value->counter + 4);	/* at 8 */
	__sync_fetch_and_add(counter, 1);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
