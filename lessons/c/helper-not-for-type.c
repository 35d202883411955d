#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	int number = 0;
	bpf_probe_read(&number, sizeof(number), (void *)4096);	/* for tracing programs */
	return number;
}

SEC("raw_tp/sys_enter") int repair(void *ctx)
{
	int number = 0;
	bpf_probe_read(&number, sizeof(number), (void *)4096);
	return number;
}

char _license[] SEC("license") = "GPL";
