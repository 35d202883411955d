// Values of the kernel's configuration in variables of every size, and in the order that loaders give them.

#include "bpf.h"

extern unsigned char LINUX_HAS_SYSCALL_WRAPPER __kconfig __weak;
extern _Bool LINUX_SOMETHING_OF_LATER __kconfig __weak;
extern unsigned long LINUX_KERNEL_VERSION __kconfig;
extern short CONFIG_HZ __kconfig;
extern signed char CONFIG_NR_CPUS_RANGE_BEGIN __kconfig __weak;
extern int CONFIG_NR_CPUS __kconfig;
extern char CONFIG_BPF __kconfig;
extern char CONFIG_DEFAULT_HOSTNAME[4] __kconfig;
extern char CONFIG_CC_VERSION_TEXT[64] __kconfig;
extern _Bool CONFIG_NO_SUCH_OPTION __kconfig __weak;

volatile __u8 bytes[64];

/* Accepted: the verifier knows the values, and what they lead to. */
SEC("xdp") int wide_version(struct xdp_md *ctx) { return LINUX_KERNEL_VERSION >> 16 < 64 ? bytes[LINUX_KERNEL_VERSION >> 16] : *(int *)(long)ctx->data; }
SEC("xdp") int of_two_bytes(struct xdp_md *ctx) { return CONFIG_HZ >= 24 && CONFIG_HZ <= 2000 ? XDP_PASS : *(int *)(long)ctx->data; }
SEC("xdp") int of_four_bytes(struct xdp_md *ctx) { return CONFIG_NR_CPUS > 0 ? XDP_PASS : *(int *)(long)ctx->data; }
SEC("xdp") int weak_ones(struct xdp_md *ctx)
{
	return CONFIG_NO_SUCH_OPTION || LINUX_SOMETHING_OF_LATER ? *(int *)(long)ctx->data : bytes[CONFIG_NR_CPUS_RANGE_BEGIN & 63];
}
SEC("xdp") int letter(struct xdp_md *ctx) { return CONFIG_BPF == 'y' ? bytes[CONFIG_BPF & 63] : *(int *)(long)ctx->data; }
SEC("xdp") int cut_text(struct xdp_md *ctx) { return CONFIG_DEFAULT_HOSTNAME[3] ? *(int *)(long)ctx->data : XDP_PASS; }
SEC("xdp") int long_text(struct xdp_md *ctx)
{
	int length = 0;
	for (int i = 0; i < 64; i++)
		length += CONFIG_CC_VERSION_TEXT[i] != 0;
	return bytes[length];
}
SEC("xdp") int wrapper(struct xdp_md *ctx) { return bytes[LINUX_HAS_SYSCALL_WRAPPER]; }

/* Rejected: past the constants, and what the values lead to. */
SEC("xdp") int past_the_text(struct xdp_md *ctx) { return CONFIG_CC_VERSION_TEXT[ctx->ingress_ifindex & 1023]; }
SEC("xdp") int by_the_version(struct xdp_md *ctx) { return bytes[LINUX_KERNEL_VERSION >> 8 & 1023]; }
