#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("socket") int fault(struct __sk_buff *skb)
{
	return skb->data;		/* not for socket filters */
}

SEC("socket") int repair(struct __sk_buff *skb)
{
	__u8 byte = 0;
	bpf_skb_load_bytes(skb, 0, &byte, sizeof(byte));
	return byte;
}

char _license[] SEC("license") = "GPL";
