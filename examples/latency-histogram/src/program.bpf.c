/* The same in C, for libbpf. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define SLOTS 64

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, __u64);
	__type(value, __u64);
	__uint(max_entries, 10240);
} entered SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, SLOTS);
} taken SEC(".maps");

static __always_inline int begins(void)
{
	__u64 thread = bpf_get_current_pid_tgid(), now = bpf_ktime_get_ns();

	bpf_map_update_elem(&entered, &thread, &now, BPF_ANY);
	return 0;
}

static __always_inline int ends(void)
{
	__u64 thread = bpf_get_current_pid_tgid(), time = bpf_ktime_get_ns();
	__u64 *start = bpf_map_lookup_elem(&entered, &thread), *count;
	__u32 slot = 0;

	if (!start)
		return 0;
	time -= *start;
	bpf_map_delete_elem(&entered, &thread);
#pragma unroll
	for (int bits = 32; bits; bits /= 2)
		if (time >> bits) {
			time >>= bits;
			slot += bits;
		}
	count = bpf_map_lookup_elem(&taken, &slot);
	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

SEC("kprobe")
int kernel_begins(void *ctx)
{
	return begins();
}

SEC("kretprobe")
int kernel_ends(void *ctx)
{
	return ends();
}

SEC("uprobe")
int user_begins(void *ctx)
{
	return begins();
}

SEC("uretprobe")
int user_ends(void *ctx)
{
	return ends();
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
