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
	return *(volatile __u32 *)&counters;	/* the kernel's struct, not a value */
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *counter = bpf_map_lookup_elem(&counters, &key);
	return counter ? *counter : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
