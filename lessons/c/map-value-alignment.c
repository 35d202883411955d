#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct value {
	__u8 kind;
	__u8 number[7];
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
	__u32 *number = (void *)value->number;
	asm volatile("" : "+r"(number));
	return *number;			/* four bytes at offset 1 */
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u32 key = 0, number;
	struct value *value = bpf_map_lookup_elem(&values, &key);
	if (!value)
		return XDP_PASS;
	__builtin_memcpy(&number, value->number, sizeof(number));	/* byte by byte */
	return number;
}

char _license[] SEC("license") = "GPL";
