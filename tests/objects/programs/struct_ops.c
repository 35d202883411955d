// A struct of functions that the kernel calls: congestion control of TCP, made of the few members that it needs.

#include "bpf.h"

struct sock { int sk_state; } CORE;
struct tcp_sock { __u32 snd_cwnd; __u32 snd_ssthresh; } CORE;
struct tcp_congestion_ops {
	__u32 (*ssthresh)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	__u32 (*undo_cwnd)(struct sock *sk);
	char name[16];
};

SEC("struct_ops/ssthresh") __u32 ssthresh(__u64 *args) { return 2; }
SEC("struct_ops/cong_avoid") void cong_avoid(__u64 *args)
{
	struct tcp_sock *tcp = (void *)args[0];
	tcp->snd_cwnd = 10;
}
SEC("struct_ops/undo_cwnd") __u32 undo_cwnd(__u64 *args) { return ((struct tcp_sock *)args[0])->snd_cwnd; }

SEC(".struct_ops") struct tcp_congestion_ops congestion = {
	.ssthresh = (void *)ssthresh,
	.cong_avoid = (void *)cong_avoid,
	.undo_cwnd = (void *)undo_cwnd,
	.name = "kw_oracle",
};
