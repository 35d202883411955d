#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __noinline long next(void)
{
	long number;
	asm volatile("%0 = r6" : "=r"(number));	/* the caller's r6, as the writer thinks */
	return number + 1;
}

static __noinline long after(long number)
{
	asm volatile("" : "+r"(number));
	return number + 1;
}

SEC("xdp") int fault(struct xdp_md *ctx)
{
	asm volatile("r6 = 1" ::: "r6");
	return next();
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	return after(1);
}

char _license[] SEC("license") = "GPL";
