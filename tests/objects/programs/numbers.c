// Ranges of numbers: masks, shifts, signs, divisions, halves of registers, copies that stay equal.

#include "bpf.h"

struct table { __u8 bytes[64]; };
MAP(tables, BPF_MAP_TYPE_ARRAY, 1, __u32, struct table);

static __always_inline __u8 *table(void)
{
	__u32 key = 0;
	return bpf_map_lookup_elem(&tables, &key);
}

#define INDEXES(name, expression) \
	SEC("xdp") int name(struct xdp_md *ctx) \
	{ \
		__u8 *bytes = table(); \
		__u64 x = ctx->rx_queue_index; \
		__u64 index = expression; \
		if (!bytes) \
			return XDP_PASS; \
		barrier_var(index); \
		return bytes[index] ? XDP_PASS : XDP_DROP; \
	}

#define BOUNDED(name, expression, condition) \
	SEC("xdp") int name(struct xdp_md *ctx) \
	{ \
		__u8 *bytes = table(); \
		__u64 x = ctx->rx_queue_index; \
		__s64 s = (__s32)ctx->ingress_ifindex; \
		barrier_var(x); \
		barrier_var(s); \
		if (!bytes || !(condition)) \
			return XDP_PASS; \
		return bytes[expression] ? XDP_PASS : XDP_DROP; \
	}

INDEXES(mask, x & 63)
INDEXES(mask_and_add, (x & 31) + 32)
INDEXES(shift, (__u32)x >> 26)
INDEXES(multiply, (x & 7) * 9)
INDEXES(modulo, x % 64)
INDEXES(either, (x & 1) ? 63 : 5)
INDEXES(or_and_xor, ((x & 48) | (x & 15)) ^ 1)
BOUNDED(unsigned_bound, x, x < 64)
BOUNDED(signed_bounds, s, s >= 0 && s < 64)
BOUNDED(equal, x, x == 7)
BOUNDED(difference, x - 100, x >= 100 && x < 164)

/* Rejected. */
INDEXES(mask_too_wide, x & 127)
INDEXES(division, (x & 255) / 2)
INDEXES(multiply_too_much, (x & 7) * 10)
BOUNDED(only_an_upper_signed_bound, s, s < 64)
BOUNDED(bound_off_by_one, x, x <= 64)
BOUNDED(not_equal, x, x != 7)
BOUNDED(other_number, s, x < 64)
