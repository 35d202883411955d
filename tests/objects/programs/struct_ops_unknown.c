// A struct of functions that the kernel doesn't know: libbpf refuses the object.

#include "bpf.h"

struct no_such_ops { int (*call)(int number); };

SEC("struct_ops/call") int call(__u64 *args) { return args[0]; }
SEC("xdp") int refused_with_it(struct xdp_md *ctx) { return XDP_PASS; }

SEC(".struct_ops.link") struct no_such_ops unknown = { .call = (void *)call };
