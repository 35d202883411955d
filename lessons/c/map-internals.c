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
	*(volatile __u64 *)&counters = 1;	/* the kernel's struct, not a value */
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *counter = bpf_map_lookup_elem(&counters, &key);
	if (counter)
		*counter = 1;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
