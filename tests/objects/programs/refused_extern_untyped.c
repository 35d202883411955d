// libbpf refuses the object as a whole: it names a function of the kernel and has no types.
// flags: -g0

#include "bpf.h"

extern void bpf_rcu_read_lock(void) __ksym;

SEC("tc") int caller(struct __sk_buff *skb) { bpf_rcu_read_lock(); return 0; }
SEC("xdp") int fine(struct xdp_md *ctx) { return XDP_PASS; }
