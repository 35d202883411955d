// Functions that helpers call back: loops, elements of maps, areas of memory.

#include "bpf.h"

struct vm_area_struct { unsigned long vm_start; } CORE;
struct sum { __u64 total; __u32 bound; };

MAP(hash, BPF_MAP_TYPE_HASH, 16, __u32, __u64);

static long adds(__u32 index, struct sum *sum) { sum->total += index; return sum->total > sum->bound; }
static long zero(__u32 index, void *nothing) { return 0; }
static long inner(__u32 index, struct sum *sum) { sum->total = bpf_get_prandom_u32(); return 0; }
static long outer(__u32 index, struct sum *sum) { bpf_loop(4, inner, sum, 0); return 0; }
static long element(void *map, __u32 *key, __u64 *value, struct sum *sum) { sum->total += *value + *key; return 0; }
static long area(void *task, struct vm_area_struct *area, struct sum *sum) { sum->total = area->vm_start; return 0; }
static long result_two(__u32 index, void *nothing) { return 2; }
static long beyond(__u32 index, struct sum *sum) { return ((__u64 *)sum)[4] != 0; }
static long writes_bound(__u32 index, struct sum *sum) { sum->bound += 8; return 0; }

SEC("xdp") int loops(struct xdp_md *ctx)
{
	struct sum sum = { 0, ctx->rx_queue_index };
	bpf_loop(100, adds, &sum, 0);
	return sum.total > 10 ? XDP_PASS : XDP_DROP;
}
SEC("xdp") int loops_without_context(struct xdp_md *ctx) { return bpf_loop(ctx->rx_queue_index, zero, NULL, 0) > 1 ? XDP_PASS : XDP_DROP; }
/* The flags aren't the verifier's business. */
SEC("xdp") int loop_with_flags(struct xdp_md *ctx) { return bpf_loop(3, zero, NULL, 1); }
SEC("xdp") int loops_in_loops(struct xdp_md *ctx)
{
	struct sum sum = {};
	bpf_loop(10, outer, &sum, 0);
	return sum.total ? XDP_PASS : XDP_DROP;
}
SEC("xdp") int each_element(struct xdp_md *ctx)
{
	struct sum sum = {};
	bpf_for_each_map_elem(&hash, element, &sum, 0);
	return sum.total ? XDP_PASS : XDP_DROP;
}
SEC("raw_tp/sched_switch") int finds_area(void *ctx)
{
	struct sum sum = {};
	struct task_struct *task = bpf_get_current_task_btf();
	return bpf_find_vma(task, 0x1000, area, &sum, 0) ? 0 : sum.total != 0;
}

/* Rejected. */
SEC("xdp") int callback_returns_two(struct xdp_md *ctx) { return bpf_loop(3, result_two, NULL, 0); }
SEC("xdp") int callback_reads_beyond(struct xdp_md *ctx)
{
	struct sum sum = {};
	return bpf_loop(3, beyond, &sum, 0);
}
SEC("xdp") int bound_of_the_callback_is_lost(struct xdp_md *ctx)
{
	char bytes[16] = {};
	struct sum sum = { 0, 1 };
	bpf_loop(3, writes_bound, &sum, 0);
	return bytes[sum.bound];
}
SEC("xdp") int callback_of_another_kind(struct xdp_md *ctx) { return bpf_for_each_map_elem(&hash, zero, NULL, 0) + bpf_loop(1, element, NULL, 0); }
