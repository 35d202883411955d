// A section that no loader knows beside one that all know: the first has no type, the second its verdict.

#include "bpf.h"

SEC("xdp") int known(struct xdp_md *ctx) { return XDP_PASS; }
SEC("something/else") int unknown(void *ctx) { return 0; }
SEC("?xdp") int optional(struct xdp_md *ctx) { return XDP_DROP; }
SEC("?tc") int optional_rejected(struct __sk_buff *skb) { return *(int *)(long)skb->len; }
