/* The same in C, for libbpf. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define INTERVAL 10000000
#define BURST 20

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__type(key, __u32);
	__type(value, __u64);
	__uint(max_entries, 65536);
} due SEC(".maps");

SEC("xdp")
int limit_rate(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *ethernet = data;
	struct iphdr *ip = (void *)(ethernet + 1);
	__u64 now, first, *time;
	__u32 source;

	if ((void *)(ethernet + 1) > end || ethernet->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	if ((void *)(ip + 1) > end)
		return XDP_PASS;
	source = ip->saddr;
	now = bpf_ktime_get_ns();
	time = bpf_map_lookup_elem(&due, &source);
	if (!time) {
		first = now + INTERVAL;
		bpf_map_update_elem(&due, &source, &first, BPF_ANY);
		return XDP_PASS;
	}
	if (*time <= now) {
		*time = now + INTERVAL;
		return XDP_PASS;
	}
	if (*time - now > (BURST - 1) * INTERVAL)
		return XDP_DROP;
	*time += INTERVAL;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
