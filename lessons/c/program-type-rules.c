#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_STORAGE);
	__type(key, struct bpf_cgroup_storage_key);
	__type(value, __u64);
} storage SEC(".maps");

SEC("cgroup_skb/egress") int fault(struct __sk_buff *skb)
{
	__u64 *packets = bpf_get_local_storage(&storage, 1);	/* flags are for later */
	*packets += 1;
	return 1;
}

SEC("cgroup_skb/egress") int repair(struct __sk_buff *skb)
{
	__u64 *packets = bpf_get_local_storage(&storage, 0);
	*packets += 1;
	return 1;
}

char _license[] SEC("license") = "GPL";
