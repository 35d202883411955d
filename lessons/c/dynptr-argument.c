#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[24]);
} texts SEC(".maps");

SEC("xdp") int fault(struct xdp_md *ctx)
{
	struct bpf_dynptr text;
	char bytes[24] = {};
	return bpf_dynptr_from_mem(bytes, sizeof(bytes), 0, &text);	/* not of the stack */
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	struct bpf_dynptr text;
	__u32 key = 0;
	char *bytes = bpf_map_lookup_elem(&texts, &key);
	return bytes ? bpf_dynptr_from_mem(bytes, 24, 0, &text) : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
