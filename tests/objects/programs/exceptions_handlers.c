// Handlers of exceptions: with functions of their own, called besides, of the wrong kind.

#include "bpf.h"

#define HANDLER(name) __attribute__((btf_decl_tag("exception_callback:" #name)))

extern void bpf_throw(__u64 cookie) __weak __ksym;

static __noinline int halved(__u64 cookie) { barrier_var(cookie); return cookie >> 1 & 1; }
__noinline int with_a_function(__u64 cookie) { return halved(cookie) + 1; }
__noinline int checked(int number)
{
	barrier_var(number);
	if (number > 5)
		bpf_throw(number);
	return number;
}
static __noinline int last(int number) { barrier_var(number); return halved(number); }
__noinline int throws_again(__u64 cookie) { bpf_throw(cookie); return 0; }
__noinline int of_two(__u64 cookie, __u64 more) { return cookie + more; }
__noinline int too_large(__u64 cookie) { return 5000; }

SEC("tc") HANDLER(with_a_function) int handles(struct __sk_buff *skb) { return checked(skb->len) ? 0 : last(skb->mark); }
SEC("tc") HANDLER(with_a_function) int needs_no_handler(struct __sk_buff *skb) { return last(skb->mark); }

/* Rejected. */
SEC("tc") HANDLER(with_a_function) int calls_its_handler(struct __sk_buff *skb) { return checked(skb->len) ? 0 : with_a_function(1); }
SEC("tc") HANDLER(throws_again) int throws_in_its_handler(struct __sk_buff *skb) { return checked(skb->len) ? 0 : 2; }
SEC("tc") HANDLER(of_two) int hands_over_too_little(struct __sk_buff *skb) { return checked(skb->len) ? 0 : 2; }
SEC("tc") HANDLER(with_a_function) HANDLER(throws_again) int has_two(struct __sk_buff *skb) { return checked(skb->len) ? 0 : 2; }
SEC("cgroup_skb/egress") HANDLER(too_large) int gives_too_much(struct __sk_buff *skb) { return checked(skb->len) ? 0 : 1; }
/* Refused by libbpf: there is no such function, or not for all to see. */
SEC("tc") HANDLER(nowhere) int has_none(struct __sk_buff *skb) { return checked(skb->len) ? 0 : 2; }
SEC("tc") HANDLER(last) int has_a_static_one(struct __sk_buff *skb) { return checked(skb->len) ? 0 : 2; }
SEC("tc") HANDLER() int has_no_name(struct __sk_buff *skb) { return checked(skb->len) ? 0 : 2; }
