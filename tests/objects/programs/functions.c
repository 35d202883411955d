// Functions of a program: static, global, weak, hidden; how their arguments and results are verified.

#include "bpf.h"

struct pair { __u32 first, second; };

static __noinline int add(int left, int right) { barrier_var(left); return left + right; }
__noinline int global_number(int number) { barrier_var(number); return number & 7; }
__noinline int global_structure(struct pair *pair) { return pair ? pair->first + pair->second : 0; }
__noinline int global_context(struct xdp_md *ctx) { return ctx->rx_queue_index; }
__noinline int global_packet(struct __sk_buff *skb) { return skb->len; }
__hidden __noinline int hidden(int number) { barrier_var(number); return number + 1; }
__weak __noinline int weak(int number) { barrier_var(number); return number * 3; }
__noinline int global_result(void) { int result = bpf_get_prandom_u32(); return result; }
static __noinline int fills(struct pair *pair) { pair->first = 1; pair->second = 2; return 0; }
static __noinline int third(void *ctx) { char bytes[120]; bpf_xdp_load_bytes(ctx, 0, bytes, sizeof(bytes)); return bytes[3]; }
static __noinline int second(void *ctx) { char bytes[200]; bpf_xdp_load_bytes(ctx, 0, bytes, sizeof(bytes)); return bytes[1] + third(ctx); }
__noinline int global_unused_fault(struct pair *pair) { return pair->first; }
__noinline int global_nonnull(struct pair *pair __arg("nonnull")) { return pair->second; }
__noinline int global_tagged_context(void *ctx __arg("ctx")) { return ((struct __sk_buff *)ctx)->mark; }
__noinline long global_void_pointer(void *pointer) { return pointer ? 1 : 0; }

SEC("xdp") int calls_static(struct xdp_md *ctx) { return add(ctx->rx_queue_index, 3) > 4 ? XDP_PASS : XDP_DROP; }
SEC("xdp") int calls_global(struct xdp_md *ctx) { return global_number(ctx->rx_queue_index) ? XDP_PASS : XDP_DROP; }
SEC("xdp") int calls_with_structure(struct xdp_md *ctx)
{
	struct pair pair = { 1, 2 };
	return global_structure(&pair) ? XDP_PASS : XDP_DROP;
}
SEC("xdp") int calls_with_context(struct xdp_md *ctx) { return global_context(ctx) ? XDP_PASS : XDP_DROP; }
SEC("tc") int calls_with_packet(struct __sk_buff *skb) { return global_packet(skb) > 10 ? 0 : 2; }
SEC("xdp") int calls_hidden(struct xdp_md *ctx) { return hidden(ctx->rx_queue_index) > 1 ? XDP_PASS : XDP_DROP; }
SEC("xdp") int calls_weak(struct xdp_md *ctx) { return weak(ctx->rx_queue_index) > 1 ? XDP_PASS : XDP_DROP; }
SEC("xdp") int callee_fills(struct xdp_md *ctx)
{
	struct pair pair;
	fills(&pair);
	return pair.first + pair.second > 2 ? XDP_PASS : XDP_DROP;
}
SEC("tc") int calls_nonnull(struct __sk_buff *skb)
{
	struct pair pair = { 1, 2 };
	return global_nonnull(&pair);
}
SEC("tc") int calls_tagged_context(struct __sk_buff *skb) { return global_tagged_context(skb) ? 0 : 2; }
/* Old kernels reject it: they don't know the size of what it points to. */
SEC("xdp") int global_takes_void(struct xdp_md *ctx) { return global_void_pointer(NULL); }

/* Rejected. */
SEC("xdp") int global_result_is_unknown(struct xdp_md *ctx)
{
	char bytes[8] = {};
	return bytes[global_result()];
}
SEC("xdp") int global_without_null_check(struct xdp_md *ctx)
{
	struct pair pair = { 1, 2 };
	return global_unused_fault(&pair);
}
SEC("tc") int null_for_nonnull(struct __sk_buff *skb) { return global_nonnull(NULL); }
SEC("xdp") int stack_of_all_is_too_deep(struct xdp_md *ctx)
{
	char bytes[250];
	bpf_xdp_load_bytes(ctx, 0, bytes, sizeof(bytes));
	return bytes[2] + second(ctx);
}
SEC("xdp") int static_with_a_bad_pointer(struct xdp_md *ctx) { return fills((struct pair *)(long)ctx->rx_queue_index); }
SEC("xdp") int structure_is_too_small(struct xdp_md *ctx)
{
	int number = 1;
	return global_structure((struct pair *)&number);
}
