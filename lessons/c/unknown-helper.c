#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static long (*const bpf_of_tomorrow)(void) = (void *)9999;

SEC("xdp") int fault(struct xdp_md *ctx)
{
	return bpf_of_tomorrow();
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	return bpf_ktime_get_ns();
}

char _license[] SEC("license") = "GPL";
