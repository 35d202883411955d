#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	long address = 0;
	asm volatile("%0 = addr_space_cast(%0, 0x0, 0x1)" : "+r"(address));	/* of which arena? */
	return address;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	long address = 0;
	asm volatile("" : "+r"(address));
	return address;
}

char _license[] SEC("license") = "GPL";
