#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define BRANCH \
	asm volatile("%0 = *(u32 *)(%1 + 16); if %0 == 0 goto +0" : "=&r"(number) : "r"(ctx));
#define FOUR(this) this this this this
#define MANY FOUR(FOUR(FOUR(FOUR(FOUR(FOUR(BRANCH))))))	/* 4096 */

SEC("xdp") int fault(struct xdp_md *ctx)
{
	long number;
	MANY MANY MANY
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	long number;
	MANY
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
