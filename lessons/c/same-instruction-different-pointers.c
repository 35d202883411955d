#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	__u32 other[4] = {}, *fields = (__u32 *)ctx;
	asm volatile("" : "+r"(fields));
	if (bpf_get_prandom_u32() & 1)
		fields = other;
	asm volatile("" : "+r"(fields));	/* one load for both */
	return fields[3];
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	volatile __u32 other[4] = {};
	if (bpf_get_prandom_u32() & 1)
		return other[3];
	return ctx->ingress_ifindex;
}

char _license[] SEC("license") = "GPL";
