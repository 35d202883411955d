#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, char[64]);
} texts SEC(".maps");

SEC("xdp") int fault(struct xdp_md *ctx)
{
	__u32 key = 0;
	void *text = bpf_map_lookup_elem(&texts, &key);
	if (!text)
		return XDP_PASS;
	return bpf_csum_diff(0, 0, text, ctx->rx_queue_index, 0);
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u32 key = 0, size = ctx->rx_queue_index;
	void *text = bpf_map_lookup_elem(&texts, &key);
	if (!text || size > 64)
		return XDP_PASS;
	return bpf_csum_diff(0, 0, text, size, 0);
}

char _license[] SEC("license") = "GPL";
