#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	char buffer[8] = {}, *place = buffer;
	asm volatile("" : "+r"(place));
	place[8] = 1;			/* the last is place[7] */
	return place[0];
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	char buffer[8] = {}, *place = buffer;
	asm volatile("" : "+r"(place));
	place[7] = 1;
	return place[0];
}

char _license[] SEC("license") = "GPL";
