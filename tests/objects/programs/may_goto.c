// Loops that the kernel ends by itself.
// clang: 19

#include "bpf.h"

#define CAN_LOOP(label) asm goto("may_goto %l[" #label "]" : : : : label)

SEC("xdp") int ends(struct xdp_md *ctx)
{
	__u64 sum = 0;
	for (;;) {
		CAN_LOOP(out);
		sum += bpf_get_prandom_u32();
	}
out:
	return sum & 1 ? XDP_PASS : XDP_DROP;
}

/* Rejected. */
SEC("xdp") int index_grows(struct xdp_md *ctx)
{
	volatile __u8 bytes[16] = {};
	__u64 index = 0;
	for (;;) {
		CAN_LOOP(out);
		bytes[index] = 1;
		index++;
		barrier_var(index);
	}
out:
	return XDP_PASS;
}
