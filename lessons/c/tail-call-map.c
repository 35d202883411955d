#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct value {
	__u32 count;
	__u16 ports[10];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct value);
} values SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} programs SEC(".maps");

SEC("xdp") int fault(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &values, 0);
	return XDP_PASS;
}

SEC("xdp") int repair(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &programs, 0);
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
