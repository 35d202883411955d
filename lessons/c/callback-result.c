#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static long two(__u32 index, void *nothing)
{
	return 2;			/* 0 goes on, 1 ends the loop */
}

static long one(__u32 index, void *nothing)
{
	return 1;
}

SEC("xdp") int fault(struct xdp_md *ctx)
{
	return bpf_loop(10, two, 0, 0);
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	return bpf_loop(10, one, 0, 0);
}

char _license[] SEC("license") = "GPL";
