#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct key {
	__u32 length, address;
};

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16);
	__type(key, struct key);
	__type(value, __u64);
} prefixes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, struct key);
	__type(value, __u64);
} addresses SEC(".maps");

SEC("uprobe.s") int fault(void *ctx)
{
	struct key key = { 32, 1 };
	return bpf_map_lookup_elem(&prefixes, &key) ? 1 : 0;
}

SEC("uprobe.s") int repair(void *ctx)
{
	struct key key = { 32, 1 };
	return bpf_map_lookup_elem(&addresses, &key) ? 1 : 0;
}

char _license[] SEC("license") = "GPL";
