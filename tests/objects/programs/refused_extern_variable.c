// libbpf refuses the object as a whole: a variable of others is in no section that says whose.

#include "bpf.h"

extern int nowhere;

SEC("xdp") int reader(struct xdp_md *ctx) { return nowhere; }
SEC("xdp") int fine(struct xdp_md *ctx) { return XDP_PASS; }
