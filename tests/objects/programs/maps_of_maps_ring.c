// Ring buffers in a map of maps: theirs is a size as libbpf makes it, and not as it's written.

#include "bpf.h"

struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 100);
};
struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, int);
	__array(values, struct ring);
} rings SEC(".maps");

SEC("tc") int writes(struct __sk_buff *skb)
{
	int key = 0;
	void *ring = bpf_map_lookup_elem(&rings, &key);

	if (!ring)
		return 0;
	return bpf_ringbuf_output(ring, &key, sizeof(key), 0);
}
SEC("tc") int writes_too_much(struct __sk_buff *skb)
{
	int key = 0;
	void *ring = bpf_map_lookup_elem(&rings, &key);

	return ring ? bpf_ringbuf_output(ring, &key, sizeof(key) + 1024, 0) : 0;
}
