#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("xdp") int fault(struct xdp_md *ctx)
{
	struct bpf_dynptr record;
	bpf_ringbuf_reserve_dynptr(&events, 8, 0, &record);
	*(volatile __u64 *)&record = 0;	/* now nothing can give it back */
	bpf_ringbuf_discard_dynptr(&record, 0);
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	struct bpf_dynptr record;
	bpf_ringbuf_reserve_dynptr(&events, 8, 0, &record);
	bpf_ringbuf_discard_dynptr(&record, 0);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
