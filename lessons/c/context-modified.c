#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	__u32 *fields = (__u32 *)&ctx->ingress_ifindex;
	asm volatile("" : "+r"(fields));	/* the compiler keeps a moved pointer */
	return fields[1];
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	return ctx->rx_queue_index;
}

char _license[] SEC("license") = "GPL";
