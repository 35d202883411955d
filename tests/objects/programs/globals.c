// Global data: constants that the verifier knows by value, variables, strings, sections of one's own.

#include "bpf.h"

const volatile __u32 limit = 8;
const volatile __u32 off = 0;
const volatile struct { __u8 enabled; __u16 port; } config = { 1, 22 };
static const char words[] = "a string of the program's";
const volatile __u32 table[4] SEC(".rodata.table") = { 0x01010101, 0x02020202, 0x03030303, 0x04040404 };
__u64 counter = 5;
__u32 marks[8] SEC(".data.marks") = { 1 };
__u64 total;
__u8 bytes[16] SEC(".bss.bytes");
static __u64 hidden_total;

SEC("xdp") int adds(struct xdp_md *ctx)
{
	counter += 2;
	total += ctx->rx_queue_index;
	hidden_total++;
	return total > 1000 ? XDP_DROP : XDP_PASS;
}
SEC("xdp") int own_sections(struct xdp_md *ctx)
{
	marks[ctx->rx_queue_index & 7] = table[ctx->ingress_ifindex & 3];
	bytes[ctx->rx_queue_index & 15] = 1;
	return XDP_PASS;
}
SEC("xdp") int constant_bounds_the_index(struct xdp_md *ctx)
{
	__u32 index = ctx->rx_queue_index;
	if (index >= limit)
		return XDP_PASS;
	return marks[index] ? XDP_DROP : XDP_PASS;
}
SEC("xdp") int dead_because_of_a_constant(struct xdp_md *ctx)
{
	if (off)
		return *(int *)(long)ctx->data;
	return config.enabled && config.port == 22 ? XDP_PASS : XDP_DROP;
}
SEC("xdp") int compares_words(struct xdp_md *ctx)
{
	char comm[26] = "a string of the program?";
	return bpf_strncmp(comm, sizeof(comm), words) ? XDP_PASS : XDP_DROP;
}
SEC("xdp") int prints(struct xdp_md *ctx)
{
	static const char format[] = "queue %d of %s";
	__u64 arguments[] = { ctx->rx_queue_index, (unsigned long)words };
	char text[32];
	return bpf_snprintf(text, sizeof(text), format, arguments, sizeof(arguments)) > 4 ? XDP_PASS : XDP_DROP;
}
SEC("xdp") int atomic(struct xdp_md *ctx)
{
	__sync_fetch_and_add(&counter, 1);
	__sync_val_compare_and_swap(&total, 1, 2);
	return XDP_PASS;
}

/* Rejected. */
SEC("xdp") int writes_a_constant(struct xdp_md *ctx) { asm volatile("*(u32 *)(%0 + 0) = %0" : : "r"(&limit)); return XDP_PASS; }
SEC("xdp") int index_is_too_large(struct xdp_md *ctx) { return marks[ctx->rx_queue_index & 31] ? XDP_DROP : XDP_PASS; }
SEC("xdp") int variable_is_no_bound(struct xdp_md *ctx)
{
	__u64 index = counter;
	return marks[index] ? XDP_DROP : XDP_PASS;
}
SEC("xdp") int string_without_an_end(struct xdp_md *ctx)
{
	char comm[4] = "abc";
	return bpf_strncmp(comm, sizeof(comm), (const char *)table) ? XDP_PASS : XDP_DROP;
}
SEC("xdp") int prints_a_format_on_the_stack(struct xdp_md *ctx)
{
	char format[] = "queue", text[32];
	return bpf_snprintf(text, sizeof(text), format, NULL, 0) > 4 ? XDP_PASS : XDP_DROP;
}
