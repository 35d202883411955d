#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	for (int i = 0; i < 1000000; i++)
		asm volatile("" : "+r"(i));
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	for (int i = 0; i < 1000; i++)
		asm volatile("" : "+r"(i));
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
