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
	char *text = bpf_map_lookup_elem(&texts, &key);
	if (text)
		bpf_trace_printk(text, ctx->rx_queue_index & 63);	/* 0 to 63 */
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u32 key = 0;
	char *text = bpf_map_lookup_elem(&texts, &key);
	if (text)
		bpf_trace_printk(text, (ctx->rx_queue_index & 63) + 1);	/* 1 to 64 */
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
