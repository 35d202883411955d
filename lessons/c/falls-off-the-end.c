#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	bpf_ktime_get_ns();
	__builtin_unreachable();	/* the compiler believes it, and writes no exit */
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	bpf_ktime_get_ns();
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
