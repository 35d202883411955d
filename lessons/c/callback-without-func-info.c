#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static long each(__u32 index, void *nothing)
{
	return 0;
}

SEC("xdp") int fault(struct xdp_md *ctx)
{
	return bpf_loop(10, each, 0, 0);	/* compiled without -g: no types of functions */
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	for (int index = 0; index < 10; index++)
		asm volatile("");
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
