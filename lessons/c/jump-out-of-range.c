#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	asm volatile("goto +1000");
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	asm volatile("goto +0");
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
