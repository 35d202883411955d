// Maps that programs look values up in: arrays, hashes, tries, per processor, with their flags.

#include "bpf.h"

#define NO_PREALLOC 1
#define RDONLY_PROG 128
#define WRONLY_PROG 256

struct record { __u64 packets; __u32 port; };
struct prefix { __u32 length; __u32 address; };

MAP(array, BPF_MAP_TYPE_ARRAY, 4, __u32, struct record);
MAP(hash, BPF_MAP_TYPE_HASH, 16, __u32, struct record);
MAP(percpu_array, BPF_MAP_TYPE_PERCPU_ARRAY, 4, __u32, struct record);
MAP(percpu_hash, BPF_MAP_TYPE_PERCPU_HASH, 16, __u32, struct record);
MAP(lru_hash, BPF_MAP_TYPE_LRU_HASH, 16, __u32, struct record);
MAP(lru_percpu_hash, BPF_MAP_TYPE_LRU_PERCPU_HASH, 16, __u32, struct record);
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 16);
	__uint(map_flags, NO_PREALLOC);
	__type(key, struct prefix);
	__type(value, struct record);
} trie SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__uint(map_flags, RDONLY_PROG);
	__uint(key_size, 4);
	__uint(value_size, 16);
} readable SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__uint(map_flags, WRONLY_PROG);
	__uint(key_size, 4);
	__uint(value_size, 16);
} writable SEC(".maps");

#define COUNTS(map) \
	SEC("xdp") int counts_##map(struct xdp_md *ctx) \
	{ \
		__u32 key = ctx->rx_queue_index; \
		struct record *record = bpf_map_lookup_elem(&map, &key); \
		if (record) \
			record->packets += 1; \
		return XDP_PASS; \
	}

COUNTS(array)
COUNTS(hash)
COUNTS(percpu_array)
COUNTS(percpu_hash)
COUNTS(lru_hash)
COUNTS(lru_percpu_hash)

SEC("xdp") int finds_prefix(struct xdp_md *ctx)
{
	struct prefix key = { 32, ctx->rx_queue_index };
	struct record *record = bpf_map_lookup_elem(&trie, &key);
	return record ? XDP_DROP : XDP_PASS;
}
SEC("xdp") int updates(struct xdp_md *ctx)
{
	__u32 key = 7;
	struct record record = { 1, 2 };
	bpf_map_update_elem(&hash, &key, &record, 0);
	return bpf_map_delete_elem(&hash, &key) ? XDP_DROP : XDP_PASS;
}
SEC("xdp") int reads_readable(struct xdp_md *ctx)
{
	__u32 key = 1;
	__u64 *value = bpf_map_lookup_elem(&readable, &key);
	return value && *value ? XDP_DROP : XDP_PASS;
}
SEC("xdp") int other_processor(struct xdp_md *ctx)
{
	__u32 key = 1;
	struct record *record = bpf_map_lookup_percpu_elem(&percpu_array, &key, 0);
	return record && record->port ? XDP_DROP : XDP_PASS;
}

/* Rejected. */
SEC("xdp") int without_null_check(struct xdp_md *ctx)
{
	__u32 key = 1;
	struct record *record = bpf_map_lookup_elem(&hash, &key);
	record->packets = 1;
	return XDP_PASS;
}
SEC("xdp") int beyond_the_value(struct xdp_md *ctx)
{
	__u32 key = 1;
	struct record *record = bpf_map_lookup_elem(&hash, &key);
	return record ? record[1].port : XDP_PASS;
}
SEC("xdp") int writes_readable(struct xdp_md *ctx)
{
	__u32 key = 1;
	__u64 *value = bpf_map_lookup_elem(&readable, &key);
	if (value)
		*value = 1;
	return XDP_PASS;
}
SEC("xdp") int reads_writable(struct xdp_md *ctx)
{
	__u32 key = 1;
	__u64 *value = bpf_map_lookup_elem(&writable, &key);
	return value && *value ? XDP_DROP : XDP_PASS;
}
SEC("xdp") int short_key(struct xdp_md *ctx)
{
	__u8 *key = (void *)(long)ctx->data;
	if (key + 3 > (__u8 *)(long)ctx->data_end)
		return XDP_PASS;
	return bpf_map_lookup_elem(&hash, key) ? XDP_DROP : XDP_PASS;
}
SEC("xdp") int unbounded_index(struct xdp_md *ctx)
{
	__u32 key = 1, index = ctx->rx_queue_index;
	char *record = bpf_map_lookup_elem(&hash, &key);
	return record && record[index] ? XDP_DROP : XDP_PASS;
}
