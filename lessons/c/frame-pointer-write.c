#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	asm volatile("r10 += -8");
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	asm volatile("r2 = r10; r2 += -8" ::: "r2");
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
