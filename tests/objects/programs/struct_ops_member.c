// A struct of functions with a number in a member that the kernel hasn't: libbpf refuses the object.

#include "bpf.h"

struct sock { int sk_rcvbuf; } CORE;
struct tcp_congestion_ops { __u32 (*ssthresh)(struct sock *sk); int no_such_number; char name[16]; };

SEC("struct_ops/ssthresh") __u32 ssthresh(__u64 *args) { return 2; }

SEC(".struct_ops") struct tcp_congestion_ops numbered = { .ssthresh = (void *)ssthresh, .no_such_number = 5, .name = "kw_number" };
