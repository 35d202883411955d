// Spin locks in map values and in a global variable.

#include "bpf.h"

struct locked { struct bpf_spin_lock lock; __u32 count; };
MAP(array, BPF_MAP_TYPE_ARRAY, 2, __u32, struct locked);
PRIVATE(lock) struct bpf_spin_lock global_lock;
PRIVATE(lock) __u64 guarded;

SEC("tc") int counts(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct locked *value = bpf_map_lookup_elem(&array, &key);
	if (!value)
		return 0;
	bpf_spin_lock(&value->lock);
	value->count++;
	bpf_spin_unlock(&value->lock);
	return 0;
}
SEC("tc") int counts_a_global(struct __sk_buff *skb)
{
	bpf_spin_lock(&global_lock);
	guarded++;
	bpf_spin_unlock(&global_lock);
	return 0;
}
SEC("tc") int updates_with_lock(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct locked value = { .count = 1 };
	return bpf_map_update_elem(&array, &key, &value, BPF_F_LOCK);
}

/* Rejected. */
SEC("tc") int locks_twice(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct locked *value = bpf_map_lookup_elem(&array, &key);
	if (!value)
		return 0;
	bpf_spin_lock(&value->lock);
	bpf_spin_lock(&value->lock);
	bpf_spin_unlock(&value->lock);
	return 0;
}
SEC("tc") int keeps_the_lock(struct __sk_buff *skb) { bpf_spin_lock(&global_lock); return 0; }
SEC("tc") int unlocks_another(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct locked *value = bpf_map_lookup_elem(&array, &key);
	if (!value)
		return 0;
	bpf_spin_lock(&value->lock);
	bpf_spin_unlock(&global_lock);
	return 0;
}
SEC("tc") int calls_under_the_lock(struct __sk_buff *skb)
{
	__u32 key = 0;
	bpf_spin_lock(&global_lock);
	bpf_map_delete_elem(&array, &key);
	bpf_spin_unlock(&global_lock);
	return 0;
}
SEC("tc") int writes_the_lock(struct __sk_buff *skb)
{
	__u32 key = 0, *value = bpf_map_lookup_elem(&array, &key);
	if (value)
		*value = 1;
	return 0;
}
SEC("raw_tp/sched_switch") int lock_in_tracing(void *ctx) { bpf_spin_lock(&global_lock); bpf_spin_unlock(&global_lock); return 0; }
SEC("tc") int lock_on_the_stack(struct __sk_buff *skb) { struct bpf_spin_lock lock = {}; bpf_spin_lock(&lock); return 0; }
