#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	for (;;)
		asm volatile("");	/* nothing changes from round to round */
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	for (int i = 0; i < 10; i++)
		asm volatile("");
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
