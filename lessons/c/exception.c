#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern void bpf_throw(__u64 cookie) __ksym;

static long throws(__u32 index, void *nothing)
{
	bpf_throw(0);			/* the helper's work would be left half done */
	return 0;
}

static long stops(__u32 index, void *nothing)
{
	return 1;
}

SEC("xdp") int fault(struct xdp_md *ctx)
{
	return bpf_loop(10, throws, 0, 0);
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	return bpf_loop(10, stops, 0, 0);
}

char _license[] SEC("license") = "GPL";
