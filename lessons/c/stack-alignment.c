#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	char buffer[16] __attribute__((aligned(8))) = {}, *place = buffer + 4;
	asm volatile("" : "+r"(place));
	*(__u64 *)place = 1;
	return buffer[4];
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	char buffer[16] __attribute__((aligned(8))) = {}, *place = buffer + 8;
	asm volatile("" : "+r"(place));
	*(__u64 *)place = 1;
	return buffer[8];
}

char _license[] SEC("license") = "GPL";
