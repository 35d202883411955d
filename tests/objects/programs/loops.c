// Loops that the verifier walks and loops that it can't: what a program costs.

#include "bpf.h"

MAP(values, BPF_MAP_TYPE_ARRAY, 64, __u32, __u64);

SEC("xdp") int bounded(struct xdp_md *ctx)
{
	__u32 sum = 0;
#pragma clang loop unroll(disable)
	for (int i = 0; i < 50; i++) {
		sum += i * ctx->rx_queue_index;
		barrier_var(sum);
	}
	return sum > 100 ? XDP_PASS : XDP_DROP;
}
SEC("xdp") int look_ups(struct xdp_md *ctx)
{
	__u64 sum = 0;
#pragma clang loop unroll(disable)
	for (__u32 i = 0; i < 8; i++) {
		__u32 key = i;
		__u64 *value = bpf_map_lookup_elem(&values, &key);
		if (value)
			sum += *value;
	}
	return sum > 100 ? XDP_PASS : XDP_DROP;
}
SEC("xdp") int bytes_of_a_packet(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 sum = 0;
#pragma clang loop unroll(disable)
	for (int i = 0; i < 64; i++) {
		if (data + i + 1 > end)
			break;
		sum += data[i];
	}
	return sum & 1 ? XDP_PASS : XDP_DROP;
}
SEC("xdp") int branches(struct xdp_md *ctx)
{
	__u32 number = ctx->rx_queue_index, sum = 0;
#pragma clang loop unroll(full)
	for (int i = 0; i < 8; i++) {
		if (number & (1u << i))
			sum += bpf_get_prandom_u32();
		barrier_var(sum);
	}
	return sum ? XDP_PASS : XDP_DROP;
}
SEC("tc") int four_thousand(struct __sk_buff *skb)
{
	__u32 sum = 0;
#pragma clang loop unroll(disable)
	for (int i = 0; i < 4000; i++) {
		sum ^= i;
		barrier_var(sum);
	}
	return sum & 1;
}

/* Rejected. */
SEC("xdp") int too_many_look_ups(struct xdp_md *ctx)
{
	__u64 sum = 0;
#pragma clang loop unroll(disable)
	for (__u32 i = 0; i < 20; i++) {
		__u64 *value = bpf_map_lookup_elem(&values, &i);
		if (value)
			sum += *value;
	}
	return sum > 100 ? XDP_PASS : XDP_DROP;
}
SEC("xdp") int endless(struct xdp_md *ctx)
{
	__u32 number = ctx->rx_queue_index;
	do {
		barrier_var(number);
	} while (number != 77);
	return XDP_PASS;
}
SEC("xdp") int too_many(struct xdp_md *ctx)
{
	__u32 sum = 0;
#pragma clang loop unroll(disable)
	for (int i = 0; i < 30000; i++) {
#pragma clang loop unroll(full)
		for (int j = 0; j < 32; j++) {
			sum += i;
			barrier_var(sum);
		}
	}
	return sum ? XDP_PASS : XDP_DROP;
}
SEC("xdp") int data_decides(struct xdp_md *ctx)
{
	char bytes[16] = {};
	__u32 sum = 0;
#pragma clang loop unroll(disable)
	for (__u32 i = 0; i < ctx->rx_queue_index; i++) {
		sum += ((volatile char *)bytes)[i];
		barrier_var(sum);
	}
	return sum ? XDP_PASS : XDP_DROP;
}
