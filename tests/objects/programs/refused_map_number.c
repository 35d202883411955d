// libbpf refuses the object as a whole: what stands among the maps is a number.

#include "bpf.h"

int number SEC(".maps");

SEC("xdp") int fine(struct xdp_md *ctx) { return XDP_PASS; }
