#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("xdp") int fault(struct xdp_md *ctx)
{
	__u64 *event = bpf_ringbuf_reserve(&events, 8, 0);
	if (!event)
		return XDP_PASS;
	event[1] = bpf_ktime_get_ns();	/* 8 bytes were reserved */
	bpf_ringbuf_submit(event, 0);
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u64 *event = bpf_ringbuf_reserve(&events, 16, 0);
	if (!event)
		return XDP_PASS;
	event[1] = bpf_ktime_get_ns();
	bpf_ringbuf_submit(event, 0);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
