#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern void *bpf_dynptr_slice(const struct bpf_dynptr *from, __u32 offset, void *buffer, __u32 size) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[24]);
} texts SEC(".maps");

SEC("xdp") int fault(struct xdp_md *ctx)
{
	struct bpf_dynptr text;
	__u32 key = 0;
	char *bytes = bpf_map_lookup_elem(&texts, &key);
	if (!bytes)
		return XDP_PASS;
	bpf_dynptr_from_mem(bytes, 24, 0, &text);
	return bpf_dynptr_slice(&text, 0, 0, ctx->rx_queue_index) ? XDP_PASS : XDP_DROP;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	struct bpf_dynptr text;
	__u32 key = 0;
	char *bytes = bpf_map_lookup_elem(&texts, &key);
	if (!bytes)
		return XDP_PASS;
	bpf_dynptr_from_mem(bytes, 24, 0, &text);
	return bpf_dynptr_slice(&text, 0, 0, 8) ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
