// An option of the kernel's configuration that is wanted and isn't there: libbpf refuses the object.

#include "bpf.h"

extern int CONFIG_NO_SUCH_OPTION __kconfig;

SEC("xdp") int refused(struct xdp_md *ctx) { return CONFIG_NO_SUCH_OPTION ? XDP_PASS : XDP_DROP; }
SEC("xdp") int refused_with_it(struct xdp_md *ctx) { return XDP_PASS; }
