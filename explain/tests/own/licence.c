// A program whose licence does not permit what it calls.

#include "bpf.h"

//= gpl-only - GPL
SEC("tc") int printed_without_the_licence(struct __sk_buff *skb)
{
	char text[] = "x";
	return bpf_trace_printk(text, sizeof(text));
}
char _license[] SEC("license") = "Proprietary";
