// libbpf refuses the object as a whole: its version has other than four bytes.

#include "bpf.h"

char its_version[7] SEC("version");

SEC("xdp") int fine(struct xdp_md *ctx) { return XDP_PASS; }
