#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	__u64 number, *place = &number;
	asm volatile("" : "+r"(place));
	return *place;			/* whatever the kernel left there */
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u64 number = 0, *place = &number;
	asm volatile("" : "+r"(place) :: "memory");
	return *place;
}

char _license[] SEC("license") = "GPL";
