// The stack: sizes, variable offsets, what is initialised, spilled pointers.

#include "bpf.h"

MAP(map, BPF_MAP_TYPE_HASH, 8, __u64, __u64);

SEC("xdp") int variable_offset(struct xdp_md *ctx)
{
	volatile __u8 bytes[16] = {};
	bytes[ctx->rx_queue_index & 15] = 1;
	return bytes[ctx->ingress_ifindex & 15] ? XDP_PASS : XDP_DROP;
}
SEC("xdp") int all_of_it(struct xdp_md *ctx)
{
	volatile __u8 bytes[504] = {};
	return bytes[ctx->rx_queue_index & 255] ? XDP_PASS : XDP_DROP;
}
SEC("xdp") int spilled_pointer(struct xdp_md *ctx)
{
	struct xdp_md *volatile spilled = ctx;
	return spilled->rx_queue_index ? XDP_PASS : XDP_DROP;
}
SEC("tc") int key_in_halves(struct __sk_buff *skb)
{
	struct { __u32 low, high; } key = { skb->len, skb->mark };
	return bpf_map_lookup_elem(&map, &key) ? 0 : 2;
}
/* Without privileges the next would be reads of old stack. */
SEC("tc") int half_a_key(struct __sk_buff *skb)
{
	struct { __u32 low, high; } key;
	asm volatile("*(u32 *)(%0 + 0) = %1" : : "r"(&key), "r"(skb->len) : "memory");
	return bpf_map_lookup_elem(&map, &key) ? 0 : 2;
}

/* Rejected. */
SEC("xdp") int beyond_the_frame(struct xdp_md *ctx)
{
	int word;
	asm volatile("%0 = *(u32 *)(r10 - 516)" : "=r"(word));
	return word;
}
SEC("xdp") int unaligned_pointer(struct xdp_md *ctx)
{
	asm volatile("*(u64 *)(r10 - 12) = %0" : : "r"(ctx));
	return XDP_PASS;
}
SEC("xdp") int half_of_a_spilled_pointer(struct xdp_md *ctx)
{
	__u32 word;
	asm volatile("*(u64 *)(r10 - 8) = %1; %0 = 0; *(u32 *)(r10 - 8) = %0; %0 = *(u64 *)(r10 - 8); %0 = *(u32 *)(%0 + 0)" : "=&r"(word) : "r"(ctx));
	return word;
}
SEC("xdp") int variable_offset_is_too_wide(struct xdp_md *ctx)
{
	volatile __u8 bytes[16] = {};
	return bytes[ctx->rx_queue_index & 31] ? XDP_PASS : XDP_DROP;
}
