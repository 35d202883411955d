// libbpf refuses the object as a whole: a program has no code.

#include "bpf.h"

SEC("xdp") __attribute__((naked)) void empty(void) {}
SEC("xdp") int fine(struct xdp_md *ctx) { return XDP_PASS; }
