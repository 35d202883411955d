// Structs of functions of several kinds in one object: with a link, of a flavour, with a program in two of them, with members that
// the kernel hasn't.

#include "bpf.h"

struct sock { int sk_rcvbuf; unsigned long sk_pacing_rate; } CORE;
struct rate_sample { long delivered; } CORE;

struct tcp_congestion_ops___own {
	char name[16];
	unsigned int flags;
	void (*init)(struct sock *sk);
	void (*release)(struct sock *sk);
	void (*set_state)(struct sock *sk, __u8 state);
	__u32 (*ssthresh)(struct sock *sk);
	__u32 (*undo_cwnd)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	void (*no_such_function)(struct sock *sk);
	int no_such_number;
};

SEC("struct_ops/ssthresh") __u32 shared(__u64 *args) { return ((struct sock *)args[0])->sk_rcvbuf > 1 ? 2 : 4; }
SEC("struct_ops") __u32 undo(__u64 *args) { return args[0] != 0; }
SEC("struct_ops/init") void init(__u64 *args) { ((struct sock *)args[0])->sk_pacing_rate = 7; }
SEC("struct_ops/release") void release(__u64 *args) { bpf_get_prandom_u32(); }

/* Rejected: an argument too far, another member's arguments, and a member that may not be written. */
SEC("struct_ops/cong_avoid") void avoids(__u64 *args) { ((struct sock *)args[0])->sk_pacing_rate = args[3]; }
SEC("struct_ops/set_state") void state(__u64 *args) { ((struct sock *)args[0])->sk_rcvbuf = args[1]; }
/* Not of any struct, so not of any kind. */
SEC("struct_ops/release") void forgotten(__u64 *args) { }
/* A member that the kernel hasn't. */
SEC("struct_ops/no_such_function") void of_none(__u64 *args) { }

SEC(".struct_ops") struct tcp_congestion_ops___own one = {
	.ssthresh = (void *)shared,
	.undo_cwnd = (void *)undo,
	.cong_avoid = (void *)avoids,
	.set_state = (void *)state,
	.name = "kw_one",
};
SEC(".struct_ops.link") struct tcp_congestion_ops___own other = {
	.init = (void *)init,
	.release = (void *)release,
	.ssthresh = (void *)shared,
	.no_such_function = (void *)of_none,
	.flags = 0,
	.name = "kw_other",
};
