#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_list_head {
	__u64 opaque[2];
} __attribute__((aligned(8)));

struct bpf_list_node {
	__u64 opaque[3];
} __attribute__((aligned(8)));

extern struct bpf_list_node *bpf_list_pop_front(struct bpf_list_head *head) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 16);
	__type(value, __u64);
} queue SEC(".maps");

SEC("xdp") int fault(struct xdp_md *ctx)
{
	struct bpf_list_head list = {};	/* ends with the program */
	return bpf_list_pop_front(&list) ? XDP_DROP : XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	__u64 number = 0;
	return bpf_map_pop_elem(&queue, &number) ? XDP_PASS : XDP_DROP;
}

char _license[] SEC("license") = "GPL";
