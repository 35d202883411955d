#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

__noinline long counter(void)
{
	__u32 key = 0;
	return (long)bpf_map_lookup_elem(&counters, &key);	/* a pointer */
}

__noinline long count(void)
{
	__u32 key = 0;
	__u64 *counter = bpf_map_lookup_elem(&counters, &key);
	return counter ? *counter : 0;
}

SEC("xdp") int fault(struct xdp_md *ctx)
{
	return counter() != 0;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	return count() != 0;
}

char _license[] SEC("license") = "GPL";
