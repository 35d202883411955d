#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp") int fault(struct xdp_md *ctx)
{
	__be32 words[2] = {};
	return bpf_csum_diff(0, 0, words, 16, 0);	/* words has 8 bytes */
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__be32 words[2] = {};
	return bpf_csum_diff(0, 0, words, sizeof(words), 0);
}

char _license[] SEC("license") = "GPL";
