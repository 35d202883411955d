// Exceptions: a program that ends from inside of a function.

#include "bpf.h"

extern void bpf_throw(__u64 cookie) __weak __ksym;
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } ringbuf SEC(".maps");

static __noinline int checks(int number)
{
	barrier_var(number);
	if (number > 5)
		bpf_throw(number);
	return number;
}
__noinline int handler(__u64 cookie) { return cookie & 1 ? 0 : 2; }

SEC("tc") int throws(struct __sk_buff *skb) { return checks(skb->len) ? 0 : 2; }
SEC("tc") __attribute__((btf_decl_tag("exception_callback:handler"))) int throws_to_a_handler(struct __sk_buff *skb) { return checks(skb->mark) ? 0 : 2; }

/* Rejected. */
SEC("tc") int throws_with_a_record(struct __sk_buff *skb)
{
	void *record = bpf_ringbuf_reserve(&ringbuf, 8, 0);
	if (!record)
		return 0;
	checks(skb->len);
	bpf_ringbuf_submit(record, 0);
	return 0;
}
