#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("cgroup_skb/egress") int fault(struct __sk_buff *skb)
{
	__u8 *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	if (data + 20 <= end)
		data[8] = 64;		/* programs of cgroups only read packets */
	return 1;
}

SEC("cgroup_skb/egress") int repair(struct __sk_buff *skb)
{
	__u8 *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	if (data + 20 <= end)
		return data[8] > 1;
	return 1;
}

char _license[] SEC("license") = "GPL";
