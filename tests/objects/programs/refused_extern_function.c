// libbpf refuses the object as a whole: a function of others is neither the kernel's nor a program's, weak or not.

#include "bpf.h"

extern int nowhere(int number) __weak;

SEC("xdp") int caller(struct xdp_md *ctx) { return nowhere ? nowhere(3) : XDP_PASS; }
SEC("xdp") int fine(struct xdp_md *ctx) { return XDP_PASS; }
