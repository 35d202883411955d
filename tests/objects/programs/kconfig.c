// The kernel's configuration as variables, and the two that libbpf makes up.

#include "bpf.h"

enum libbpf_tristate { TRI_NO = 0, TRI_YES = 1, TRI_MODULE = 2 };

extern unsigned int LINUX_KERNEL_VERSION __kconfig;
extern _Bool LINUX_HAS_BPF_COOKIE __kconfig __weak;
extern _Bool CONFIG_BPF_SYSCALL __kconfig;
extern enum libbpf_tristate CONFIG_INET __kconfig;
extern char CONFIG_X86 __kconfig __weak;
extern unsigned long CONFIG_HZ __kconfig;
extern char CONFIG_DEFAULT_HOSTNAME[16] __kconfig __weak;
extern int CONFIG_NO_SUCH_OPTION __kconfig __weak;

SEC("xdp") int version(struct xdp_md *ctx) { return LINUX_KERNEL_VERSION > 0x050a00 ? XDP_PASS : *(int *)(long)ctx->data; }
SEC("xdp") int yes_or_no(struct xdp_md *ctx) { return CONFIG_BPF_SYSCALL && LINUX_HAS_BPF_COOKIE ? XDP_PASS : XDP_DROP; }
SEC("xdp") int three_values(struct xdp_md *ctx) { return CONFIG_INET == TRI_YES ? XDP_PASS : *(int *)(long)ctx->data; }
SEC("xdp") int character(struct xdp_md *ctx) { return CONFIG_X86 == 'y' ? XDP_PASS : XDP_DROP; }
SEC("xdp") int number(struct xdp_md *ctx) { return CONFIG_HZ > 10 ? XDP_PASS : *(int *)(long)ctx->data; }
SEC("xdp") int string(struct xdp_md *ctx) { return CONFIG_DEFAULT_HOSTNAME[0] ? XDP_PASS : XDP_DROP; }
SEC("xdp") int missing_is_zero(struct xdp_md *ctx) { return CONFIG_NO_SUCH_OPTION ? *(int *)(long)ctx->data : XDP_PASS; }

/* Rejected: on this branch the kernel's own value is one that was not expected. */
SEC("xdp") int expects_an_old_kernel(struct xdp_md *ctx) { return LINUX_KERNEL_VERSION < 0x050a00 ? XDP_PASS : *(int *)(long)ctx->data; }
SEC("xdp") int expects_no_network(struct xdp_md *ctx) { return CONFIG_INET == TRI_NO ? XDP_PASS : *(int *)(long)ctx->data; }
SEC("xdp") int writes_the_configuration(struct xdp_md *ctx) { *(unsigned long *)&CONFIG_HZ = 1; return XDP_PASS; }
