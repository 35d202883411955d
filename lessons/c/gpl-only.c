#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	char text[] = "packet";
	bpf_trace_printk(text, sizeof(text));	/* "GPL" or "Dual MIT/GPL" below lets it */
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char _license[] SEC("license") = "Proprietary";
