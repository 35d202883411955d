// A struct of functions that the kernel rejects, each for another reason.

#include "bpf.h"

struct sock { int sk_rcvbuf; } CORE;
struct tcp_congestion_ops {
	__u32 (*ssthresh)(struct sock *sk);
	void (*set_state)(struct sock *sk, __u8 state);
	__u32 (*undo_cwnd)(struct sock *sk);
	char name[16];
};

SEC("struct_ops/ssthresh") __u32 ssthresh(__u64 *args) { return args[1]; }
SEC("struct_ops/set_state") void set_state(__u64 *args) { ((struct sock *)args[0])->sk_rcvbuf = 1; }
/* What the kernel calls where it can't sleep. */
SEC("struct_ops.s/undo_cwnd") __u32 undo_cwnd(__u64 *args) { char byte; return bpf_copy_from_user(&byte, 1, NULL); }

SEC(".struct_ops") struct tcp_congestion_ops written = {
	.ssthresh = (void *)ssthresh,
	.set_state = (void *)set_state,
	.undo_cwnd = (void *)undo_cwnd,
	.name = "kw_written",
};
