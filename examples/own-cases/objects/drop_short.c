// clang -O2 -g -target bpf -c drop_short.c -o drop_short.o && llvm-strip -g drop_short.o

#include <linux/bpf.h>

#define SEC(name) __attribute__((section(name), used))

char license_text[] SEC("license") = "GPL";

/* How many bytes a packet has to have: a configuration may say another number. */
const volatile unsigned int least = 14;

SEC("xdp") int drop_short(struct xdp_md *context)
{
	return context->data_end - context->data < least ? XDP_DROP : XDP_PASS;
}
