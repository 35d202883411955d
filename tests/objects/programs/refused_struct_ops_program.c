// libbpf refuses the object as a whole: a program of another type stands in a struct of functions.

#include "bpf.h"

struct tcp_congestion_ops {
	__u32 (*ssthresh)(void *sk);
	char name[16];
} CORE;

SEC("xdp") int fine(struct xdp_md *ctx) { return XDP_PASS; }

SEC(".struct_ops") struct tcp_congestion_ops congestion = { .ssthresh = (void *)fine, .name = "kw" };
