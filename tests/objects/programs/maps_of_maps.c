// Maps in maps and program arrays, with the `values` that libbpf fills in.

#include "bpf.h"

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} inner_one SEC(".maps"), inner_two SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32);
	__array(values, struct inner);
} array_of_maps SEC(".maps") = { .values = { &inner_one, &inner_two } };

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_HASH);
		__uint(max_entries, 16);
		__type(key, __u32);
		__type(value, __u32);
	});
} hash_of_maps SEC(".maps");

int target(struct xdp_md *ctx);
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__uint(key_size, 4);
	__array(values, int (void *));
} programs SEC(".maps") = { .values = { [1] = (void *)&target } };
struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 2); __uint(key_size, 4); __uint(value_size, 4); } empty SEC(".maps");

SEC("xdp") int target(struct xdp_md *ctx) { return XDP_DROP; }
SEC("xdp") int tail_call(struct xdp_md *ctx) { bpf_tail_call(ctx, &programs, 1); return XDP_PASS; }
SEC("xdp") int tail_call_of_any(struct xdp_md *ctx) { bpf_tail_call(ctx, &empty, ctx->rx_queue_index); return XDP_PASS; }
static __noinline int jump(struct xdp_md *ctx) { int result = 1; bpf_tail_call(ctx, &empty, 0); barrier_var(result); return result; }
SEC("xdp") int tail_call_in_a_function(struct xdp_md *ctx) { return jump(ctx) ? XDP_PASS : XDP_DROP; }
SEC("xdp") int in_array(struct xdp_md *ctx)
{
	__u32 key = 0;
	void *inner = bpf_map_lookup_elem(&array_of_maps, &key);
	__u64 *value = inner ? bpf_map_lookup_elem(inner, &key) : NULL;
	return value && *value ? XDP_DROP : XDP_PASS;
}
SEC("xdp") int in_hash(struct xdp_md *ctx)
{
	__u32 key = ctx->rx_queue_index;
	void *inner = bpf_map_lookup_elem(&hash_of_maps, &key);
	if (!inner)
		return XDP_PASS;
	bpf_map_update_elem(inner, &key, &key, 0);
	return XDP_DROP;
}

/* Rejected. */
SEC("xdp") int inner_without_null_check(struct xdp_md *ctx)
{
	__u32 key = 0;
	return bpf_map_lookup_elem(bpf_map_lookup_elem(&array_of_maps, &key), &key) ? XDP_DROP : XDP_PASS;
}
SEC("xdp") int beyond_the_inner_value(struct xdp_md *ctx)
{
	__u32 key = 0;
	void *inner = bpf_map_lookup_elem(&array_of_maps, &key);
	__u64 *value = inner ? bpf_map_lookup_elem(inner, &key) : NULL;
	return value ? value[1] : 0;
}
SEC("xdp") int tail_call_to_a_map(struct xdp_md *ctx) { bpf_tail_call(ctx, &inner_one, 0); return XDP_PASS; }
SEC("xdp") int result_of_a_tail_call(struct xdp_md *ctx)
{
	__u64 words[2] = {};
	return ((char *)words)[jump(ctx)];
}
