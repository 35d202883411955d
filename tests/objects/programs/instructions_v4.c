// The fourth version of the instruction set: signed division and loads, byte swaps, far jumps.
// clang: 18
// flags: -mcpu=v4

#include "bpf.h"

struct table { __u8 bytes[64]; };
MAP(tables, BPF_MAP_TYPE_ARRAY, 1, __u32, struct table);

SEC("xdp") int signed_division(struct xdp_md *ctx) { return (int)ctx->rx_queue_index / -3 < 2 ? XDP_PASS : XDP_DROP; }
SEC("xdp") int signed_modulo(struct xdp_md *ctx) { return (int)ctx->rx_queue_index % 5 < 2 ? XDP_PASS : XDP_DROP; }
SEC("xdp") int signed_load(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct table *table = bpf_map_lookup_elem(&tables, &key);
	return table && (long)(__s8)table->bytes[ctx->rx_queue_index & 7] < 0 ? XDP_PASS : XDP_DROP;
}
SEC("xdp") int signed_move(struct xdp_md *ctx) { return (__s64)(__s16)ctx->rx_queue_index < 5 ? XDP_PASS : XDP_DROP; }
SEC("xdp") int swaps(struct xdp_md *ctx) { return __builtin_bswap32(ctx->rx_queue_index) > 7 ? XDP_PASS : XDP_DROP; }
SEC("xdp") int far_jump(struct xdp_md *ctx) { int result; asm volatile("%0 = 1; if %1 > 5 goto +1; gotol +1; %0 = 2; %0 += 1" : "=&r"(result) : "r"(ctx->rx_queue_index)); return result; }
SEC("xdp") int signed_load_of_the_context(struct xdp_md *ctx) { long word; asm volatile("%0 = *(s32 *)(%1 + 16)" : "=r"(word) : "r"(ctx)); return word; }

/* Rejected. */
SEC("xdp") int signed_index(struct xdp_md *ctx)
{
	__u32 key = 0;
	struct table *table = bpf_map_lookup_elem(&tables, &key);
	volatile __s8 number = ctx->rx_queue_index;
	__s64 index = number;
	return table && index < 64 && table->bytes[index] ? XDP_PASS : XDP_DROP;
}
