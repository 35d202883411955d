// Functions that are called in another order than they stand in: loaders put each after the program where it's first called, and
// the verifier takes global ones in that order.

#include "bpf.h"

__noinline int first_bad(struct xdp_md *ctx) { return *(int *)(long)ctx->data; }
__noinline int second_bad(struct xdp_md *ctx) { return *(short *)(long)ctx->data; }
static __noinline int small(int number) { barrier_var(number); return number & 3; }
static __noinline int middle(int number) { barrier_var(number); return small(number) + 1; }
static __noinline int reads(struct xdp_md *ctx) { barrier_var(ctx); return *(char *)(long)ctx->data; }

/* Rejected: in the second function, which is the first that's called, and in the one that stands last. */
SEC("xdp") int calls_the_second_first(struct xdp_md *ctx) { int sum = second_bad(ctx); return sum + first_bad(ctx); }
SEC("xdp") int calls_in_order(struct xdp_md *ctx) { int sum = first_bad(ctx); return sum + second_bad(ctx); }
SEC("xdp") int calls_the_last_first(struct xdp_md *ctx) { int sum = middle(ctx->rx_queue_index); return sum + reads(ctx) + small(2); }
SEC("xdp") int reads_before_all(struct xdp_md *ctx) { int sum = reads(ctx); return sum + middle(ctx->rx_queue_index); }

/* Accepted. */
SEC("xdp") int through_the_middle(struct xdp_md *ctx) { return middle(ctx->rx_queue_index) + small(ctx->ingress_ifindex) > 1 ? XDP_PASS : XDP_DROP; }
