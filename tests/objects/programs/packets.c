// Direct access to packets: ranges that checks prove, and what takes them away.

#include "bpf.h"

struct ethernet { __u8 to[6], from[6]; __u16 protocol; };
struct ipv4 { __u8 length; __u8 tos; __u16 total; __u32 rest[2]; __u32 from, to; };
MAP(seen, BPF_MAP_TYPE_HASH, 16, __u32, __u64);

#define DATA(ctx) ((void *)(long)(ctx)->data)
#define END(ctx) ((void *)(long)(ctx)->data_end)

SEC("xdp") int parses(struct xdp_md *ctx)
{
	struct ethernet *ethernet = DATA(ctx);
	struct ipv4 *ip = (void *)(ethernet + 1);
	__u64 one = 1, *count;
	if ((void *)(ip + 1) > END(ctx) || ethernet->protocol != 8)
		return XDP_PASS;
	count = bpf_map_lookup_elem(&seen, &ip->from);
	if (count)
		*count += 1;
	else
		bpf_map_update_elem(&seen, &ip->from, &one, 0);
	return XDP_PASS;
}
SEC("xdp") int variable_header(struct xdp_md *ctx)
{
	struct ethernet *ethernet = DATA(ctx);
	struct ipv4 *ip = (void *)(ethernet + 1);
	__u8 *next;
	if ((void *)(ip + 1) > END(ctx))
		return XDP_PASS;
	next = (__u8 *)ip + (ip->length & 15) * 4;
	if (next + 4 > (__u8 *)END(ctx))
		return XDP_PASS;
	return next[3] ? XDP_DROP : XDP_PASS;
}
SEC("tc") int writes(struct __sk_buff *skb)
{
	__u8 *data = DATA(skb);
	if (data + 6 > (__u8 *)END(skb))
		return 0;
	data[5] = 1;
	return 0;
}
SEC("xdp") int metadata(struct xdp_md *ctx)
{
	__u32 *meta = (void *)(long)ctx->data_meta;
	return (void *)(meta + 1) > DATA(ctx) || !*meta ? XDP_PASS : XDP_DROP;
}
SEC("tc") int loads_bytes(struct __sk_buff *skb)
{
	__u8 bytes[20];
	return bpf_skb_load_bytes(skb, 14, bytes, sizeof(bytes)) ? 0 : bytes[9];
}
/* Without privileges the next would be a leak. */
SEC("xdp") int leaks_a_pointer(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&seen, &key);
	return value ? XDP_PASS : (long)ctx - (long)&key;
}

/* Rejected. */
SEC("xdp") int without_a_check(struct xdp_md *ctx) { return ((struct ethernet *)DATA(ctx))->protocol ? XDP_PASS : XDP_DROP; }
SEC("xdp") int one_too_far(struct xdp_md *ctx)
{
	__u8 *data = DATA(ctx);
	return data + 13 > (__u8 *)END(ctx) ? XDP_PASS : data[13];
}
SEC("xdp") int wrong_way_round(struct xdp_md *ctx)
{
	__u8 *data = DATA(ctx);
	return data + 14 < (__u8 *)END(ctx) ? XDP_PASS : data[0];
}
SEC("xdp") int after_adjust_head(struct xdp_md *ctx)
{
	__u8 *data = DATA(ctx);
	if (data + 14 > (__u8 *)END(ctx) || bpf_xdp_adjust_head(ctx, 4))
		return XDP_PASS;
	return data[0];
}
SEC("tc") int after_pull(struct __sk_buff *skb)
{
	__u8 *data = DATA(skb);
	if (data + 14 > (__u8 *)END(skb))
		return 0;
	bpf_skb_pull_data(skb, 40);
	return data[3];
}
SEC("xdp") int length_too_large(struct xdp_md *ctx)
{
	__u8 *data = DATA(ctx);
	__u32 *words = DATA(ctx);
	if ((void *)(words + 1) > END(ctx))
		return XDP_PASS;
	data += *words;
	return data + 1 > (__u8 *)END(ctx) ? XDP_PASS : *data;
}
