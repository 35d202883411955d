#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char variable[8] = "eth0";		/* anybody may change it */
const char constant[8] = "eth0";

SEC("xdp") int fault(struct xdp_md *ctx)
{
	char name[8] = {};
	return bpf_strncmp(name, sizeof(name), variable);
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	char name[8] = {};
	return bpf_strncmp(name, sizeof(name), constant);
}

char _license[] SEC("license") = "GPL";
