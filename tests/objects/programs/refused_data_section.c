// libbpf refuses the object as a whole: a variable stands in a section that isn't one of variables.

#include "bpf.h"

int variable SEC(".datax") = 3;

SEC("xdp") int reader(struct xdp_md *ctx) { return variable; }
SEC("xdp") int fine(struct xdp_md *ctx) { return XDP_PASS; }
