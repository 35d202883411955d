// A program in two members of a struct of functions: libbpf refuses the object.

#include "bpf.h"

struct sock { int sk_rcvbuf; } CORE;
struct tcp_congestion_ops { __u32 (*ssthresh)(struct sock *sk); __u32 (*undo_cwnd)(struct sock *sk); char name[16]; };

SEC("struct_ops/ssthresh") __u32 twice(__u64 *args) { return 2; }

SEC(".struct_ops") struct tcp_congestion_ops both = { .ssthresh = (void *)twice, .undo_cwnd = (void *)twice, .name = "kw_twice" };
