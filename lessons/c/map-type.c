#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("xdp") int fault(struct xdp_md *ctx)
{
	__u64 *event = bpf_ringbuf_reserve(&counters, sizeof(*event), 0);
	if (event)
		bpf_ringbuf_discard(event, 0);
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u64 *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (event)
		bpf_ringbuf_discard(event, 0);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
