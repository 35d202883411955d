#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	register long number asm("r4");
	asm volatile("" : "=r"(number));	/* as if something had written r4 */
	return number;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	long number = XDP_PASS;
	return number;
}

char _license[] SEC("license") = "GPL";
