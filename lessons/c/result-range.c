#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("cgroup_skb/egress") int fault(struct __sk_buff *skb)
{
	return 5;			/* 0 drops, 1 passes; 2 and 3 on the way out */
}

SEC("cgroup_skb/egress") int repair(struct __sk_buff *skb)
{
	return 1;
}

char _license[] SEC("license") = "GPL";
