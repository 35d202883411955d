#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

SEC("xdp") int fault(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	return bpf_map_lookup_elem(&counters, data + 26) ? XDP_DROP : XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	if (data + 30 > end)
		return XDP_PASS;
	return bpf_map_lookup_elem(&counters, data + 26) ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
