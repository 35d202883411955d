// Dynamic pointers: over memory, ring buffers and packets.

#include "bpf.h"

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } ringbuf SEC(".maps");
struct value { char bytes[64]; };
MAP(array, BPF_MAP_TYPE_ARRAY, 1, __u32, struct value);

extern int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *dynptr) __weak __ksym;
extern int bpf_dynptr_from_xdp(struct xdp_md *ctx, __u64 flags, struct bpf_dynptr *dynptr) __weak __ksym;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *dynptr, __u32 offset, void *buffer, __u32 size) __weak __ksym;
extern void *bpf_dynptr_slice_rdwr(const struct bpf_dynptr *dynptr, __u32 offset, void *buffer, __u32 size) __weak __ksym;
extern __u32 bpf_dynptr_size(const struct bpf_dynptr *dynptr) __weak __ksym;
extern int bpf_dynptr_adjust(const struct bpf_dynptr *dynptr, __u32 start, __u32 end) __weak __ksym;

SEC("raw_tp/sched_switch") int reserves(void *ctx)
{
	struct bpf_dynptr dynptr;
	__u32 word = 7;
	if (!bpf_ringbuf_reserve_dynptr(&ringbuf, 64, 0, &dynptr))
		bpf_dynptr_write(&dynptr, 4, &word, sizeof(word), 0);
	bpf_ringbuf_submit_dynptr(&dynptr, 0);
	return 0;
}
SEC("raw_tp/sched_switch") int of_a_value(void *ctx)
{
	struct bpf_dynptr dynptr;
	__u32 key = 0, word = 0;
	struct value *value = bpf_map_lookup_elem(&array, &key);
	if (!value || bpf_dynptr_from_mem(value, sizeof(*value), 0, &dynptr))
		return 0;
	bpf_dynptr_read(&word, sizeof(word), &dynptr, 8, 0);
	return word;
}
SEC("raw_tp/sched_switch") int data(void *ctx)
{
	struct bpf_dynptr dynptr;
	__u32 *data;
	if (bpf_ringbuf_reserve_dynptr(&ringbuf, 64, 0, &dynptr))
		goto out;
	data = bpf_dynptr_data(&dynptr, 0, 8);
	if (data)
		data[1] = 1;
out:
	bpf_ringbuf_discard_dynptr(&dynptr, 0);
	return 0;
}
SEC("tc") int packet(struct __sk_buff *skb)
{
	struct bpf_dynptr dynptr;
	char buffer[14], *ethernet;
	if (bpf_dynptr_from_skb(skb, 0, &dynptr))
		return 2;
	ethernet = bpf_dynptr_slice(&dynptr, 0, buffer, sizeof(buffer));
	return ethernet && ethernet[13] ? 0 : 2;
}
SEC("xdp") int frame(struct xdp_md *ctx)
{
	struct bpf_dynptr dynptr;
	char buffer[14], *ethernet;
	if (bpf_dynptr_from_xdp(ctx, 0, &dynptr) || bpf_dynptr_adjust(&dynptr, 1, bpf_dynptr_size(&dynptr)))
		return XDP_DROP;
	ethernet = bpf_dynptr_slice_rdwr(&dynptr, 0, buffer, sizeof(buffer));
	if (!ethernet)
		return XDP_DROP;
	ethernet[0] = 1;
	return XDP_PASS;
}

/* Rejected. */
SEC("raw_tp/sched_switch") int leaks(void *ctx) { struct bpf_dynptr dynptr; return bpf_ringbuf_reserve_dynptr(&ringbuf, 64, 0, &dynptr); }
SEC("raw_tp/sched_switch") int uninitialised(void *ctx) { struct bpf_dynptr dynptr; __u32 word; return bpf_dynptr_read(&word, 4, &dynptr, 0, 0); }
SEC("raw_tp/sched_switch") int data_after_submit(void *ctx)
{
	struct bpf_dynptr dynptr;
	__u32 *data = NULL;
	if (!bpf_ringbuf_reserve_dynptr(&ringbuf, 64, 0, &dynptr))
		data = bpf_dynptr_data(&dynptr, 0, 4);
	bpf_ringbuf_submit_dynptr(&dynptr, 0);
	return data ? *data : 0;
}
SEC("raw_tp/sched_switch") int overwritten(void *ctx)
{
	struct bpf_dynptr dynptr;
	bpf_ringbuf_reserve_dynptr(&ringbuf, 64, 0, &dynptr);
	*(volatile __u64 *)&dynptr = 0;
	bpf_ringbuf_submit_dynptr(&dynptr, 0);
	return 0;
}
SEC("tc") int writes_a_slice(struct __sk_buff *skb)
{
	struct bpf_dynptr dynptr;
	char buffer[14], *ethernet;
	if (bpf_dynptr_from_skb(skb, 0, &dynptr))
		return 2;
	ethernet = bpf_dynptr_slice(&dynptr, 0, buffer, sizeof(buffer));
	if (ethernet)
		ethernet[0] = 1;
	return 0;
}
SEC("raw_tp/sched_switch") int beyond_the_data(void *ctx)
{
	struct bpf_dynptr dynptr;
	__u32 *data = NULL, word = 0;
	if (!bpf_ringbuf_reserve_dynptr(&ringbuf, 64, 0, &dynptr))
		data = bpf_dynptr_data(&dynptr, 0, 4);
	if (data)
		word = data[1];
	bpf_ringbuf_submit_dynptr(&dynptr, 0);
	return word;
}
