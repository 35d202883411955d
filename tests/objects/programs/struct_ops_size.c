// A struct of functions with a name that is shorter than the kernel's: libbpf refuses the object.

#include "bpf.h"

struct sock { int sk_rcvbuf; } CORE;
struct tcp_congestion_ops { __u32 (*ssthresh)(struct sock *sk); char name[8]; };

SEC("struct_ops/ssthresh") __u32 ssthresh(__u64 *args) { return 2; }

SEC(".struct_ops") struct tcp_congestion_ops shorter = { .ssthresh = (void *)ssthresh, .name = "kw" };
