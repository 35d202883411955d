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
	long key = ctx->rx_queue_index;
	bpf_map_delete_elem(&values, (void *)key);	/* the number itself */
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u32 key = ctx->rx_queue_index;
	bpf_map_delete_elem(&values, &key);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
