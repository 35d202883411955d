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
	struct value *value = bpf_map_lookup_elem(&values, &key);
	__u16 *ports = value->ports;
	asm volatile("" : "+r"(ports));	/* the compiler adds now */
	if (!value)
		return XDP_PASS;
	return ports[0];
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct value *value = bpf_map_lookup_elem(&values, &key);
	if (!value)
		return XDP_PASS;
	__u16 *ports = value->ports;
	asm volatile("" : "+r"(ports));
	return ports[0];
}

char _license[] SEC("license") = "GPL";
