// libbpf refuses the object as a whole: a map is a struct without members.

#include "bpf.h"

struct {
} empty SEC(".maps");

SEC("xdp") int fine(struct xdp_md *ctx) { return XDP_PASS; }
