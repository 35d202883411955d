#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	volatile int stop = 0;
	while (!stop)			/* nobody changes it */
		;
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	int sum = 0;
	for (int i = 0; i < 16; i++)
		asm volatile("%0 += 1" : "+r"(sum));
	return sum;
}

char _license[] SEC("license") = "GPL";
