// libbpf refuses the object as a whole: a program calls a function of a section of programs.

#include "bpf.h"

SEC("helpers") __noinline int other(int number) { return number * 3; }
SEC("xdp") int caller(struct xdp_md *ctx) { return other(ctx->ingress_ifindex); }
SEC("xdp") int fine(struct xdp_md *ctx) { return XDP_PASS; }
