// Without type information: no maps, no global data of types; functions and programs are still there.
// flags: -g0

#include "bpf.h"

static __noinline int twice(int number) { barrier_var(number); return number * 2; }
__noinline int global_twice(int number) { barrier_var(number); return number * 2; }
const volatile __u32 limit = 4;
__u64 count;

SEC("xdp") int plain(struct xdp_md *ctx) { return ctx->rx_queue_index ? XDP_PASS : XDP_DROP; }
SEC("xdp") int calls(struct xdp_md *ctx) { return twice(ctx->rx_queue_index) > 2 ? XDP_PASS : XDP_DROP; }
SEC("xdp") int calls_global(struct xdp_md *ctx) { return global_twice(ctx->rx_queue_index) > 2 ? XDP_PASS : XDP_DROP; }
SEC("xdp") int variables(struct xdp_md *ctx) { count += limit; return XDP_PASS; }
SEC("cgroup/connect4") int attach_type(struct bpf_sock_addr *addr) { addr->user_port = 1; return 1; }
SEC("tp_btf/sched_switch") int kernels_types(__u64 *args) { return args[1] != 0; }

/* Rejected. */
SEC("xdp") int packet(struct xdp_md *ctx) { return *(int *)(long)ctx->data; }
SEC("cgroup/connect4") int result(struct bpf_sock_addr *addr) { return 2; }
