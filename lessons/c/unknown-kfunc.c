#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct tcp_sock {
	int snd_cwnd;
} __attribute__((preserve_access_index));

extern __u32 tcp_slow_start(struct tcp_sock *tp, __u32 acked) __ksym;

SEC("xdp") int fault(struct xdp_md *ctx)
{
	return tcp_slow_start(0, 1);	/* for congestion control, not for XDP */
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
