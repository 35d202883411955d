#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __noinline char *made(void)
{
	char buffer[8] = {}, *place = buffer;
	asm volatile("" : "+r"(place));
	return place;			/* the buffer ends with the function */
}

static __noinline void filled(char *buffer)
{
	asm volatile("" : "+r"(buffer));
	buffer[0] = 1;
}

SEC("xdp") int fault(struct xdp_md *ctx)
{
	return *made();
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	char buffer[8] = {};
	filled(buffer);
	return buffer[0];
}

char _license[] SEC("license") = "GPL";
