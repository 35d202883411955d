#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	register long number asm("r6");
	if (ctx->rx_queue_index)
		asm volatile("%0 = 1" : "=r"(number));
	bpf_ktime_get_ns();
	asm volatile("" : "+r"(number));	/* nothing wrote it for queue 0 */
	return number;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	long number = XDP_PASS;
	if (ctx->rx_queue_index)
		number = 1;
	bpf_ktime_get_ns();
	return number;
}

char _license[] SEC("license") = "GPL";
