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
	char byte = 0;
	bpf_dynptr_read(&byte, 1, &text, 0, 0);	/* nothing made it */
	return byte;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	struct bpf_dynptr text;
	char byte = 0, *bytes;
	__u32 key = 0;
	bytes = bpf_map_lookup_elem(&texts, &key);
	if (!bytes)
		return XDP_PASS;
	bpf_dynptr_from_mem(bytes, 24, 0, &text);
	bpf_dynptr_read(&byte, 1, &text, 0, 0);
	return byte;
}

char _license[] SEC("license") = "GPL";
