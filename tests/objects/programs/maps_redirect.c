// Maps of devices, processors and sockets.

#include "bpf.h"

MAP(devmap, BPF_MAP_TYPE_DEVMAP, 4, __u32, __u32);
MAP(devmap_programs, BPF_MAP_TYPE_DEVMAP, 4, __u32, struct bpf_devmap_val);
MAP(devmap_hash, BPF_MAP_TYPE_DEVMAP_HASH, 4, __u32, struct bpf_devmap_val);
MAP(cpumap, BPF_MAP_TYPE_CPUMAP, 1, __u32, struct bpf_cpumap_val);
MAP(xskmap, BPF_MAP_TYPE_XSKMAP, 4, __u32, __u32);
MAP(sockmap, BPF_MAP_TYPE_SOCKMAP, 4, __u32, __u64);
MAP(sockhash, BPF_MAP_TYPE_SOCKHASH, 4, __u32, __u64);
MAP(sockarray, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, 4, __u32, __u64);

#define REDIRECTS(map) SEC("xdp") int to_##map(struct xdp_md *ctx) { return bpf_redirect_map(&map, ctx->rx_queue_index, XDP_PASS); }

REDIRECTS(devmap)
REDIRECTS(devmap_programs)
REDIRECTS(devmap_hash)
REDIRECTS(cpumap)
REDIRECTS(xskmap)

SEC("xdp") int asks_xskmap(struct xdp_md *ctx)
{
	__u32 key = ctx->rx_queue_index;
	return bpf_map_lookup_elem(&xskmap, &key) ? XDP_DROP : XDP_PASS;
}
SEC("sk_skb/stream_verdict") int to_sockmap(struct __sk_buff *skb) { return bpf_sk_redirect_map(skb, &sockmap, 0, 0); }
SEC("sk_msg") int message_to_sockmap(struct sk_msg_md *msg) { return bpf_msg_redirect_map(msg, &sockmap, 0, 0); }
SEC("sockops") int remembers(struct bpf_sock_ops *ops)
{
	__u32 key = ops->local_port;
	bpf_sock_hash_update(ops, &sockhash, &key, 0);
	bpf_sock_map_update(ops, &sockmap, &key, 0);
	return 0;
}
SEC("sk_reuseport") int selects(struct sk_reuseport_md *md)
{
	__u32 key = md->hash & 3;
	return bpf_sk_select_reuseport(md, &sockarray, &key, 0) ? SK_DROP : SK_PASS;
}
SEC("sk_lookup") int assigns(struct bpf_sk_lookup *ctx)
{
	__u32 key = 0;
	struct bpf_sock *sock = bpf_map_lookup_elem(&sockmap, &key);
	long failed;
	if (!sock)
		return SK_DROP;
	failed = bpf_sk_assign(ctx, sock, 0);
	bpf_sk_release(sock);
	return failed ? SK_DROP : SK_PASS;
}

/* Rejected. */
SEC("sk_lookup") int keeps_the_socket(struct bpf_sk_lookup *ctx)
{
	__u32 key = 0;
	struct bpf_sock *sock = bpf_map_lookup_elem(&sockmap, &key);
	return sock ? SK_PASS : SK_DROP;
}
SEC("xdp") int redirects_to_a_socket(struct xdp_md *ctx) { return bpf_redirect_map(&sockmap, 0, 0); }
SEC("xdp") int writes_devmap(struct xdp_md *ctx)
{
	__u32 key = 0, *value = bpf_map_lookup_elem(&devmap, &key);
	if (value)
		*value = 1;
	return XDP_PASS;
}
SEC("tc") int updates_cpumap(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct bpf_cpumap_val value = {};
	return bpf_map_update_elem(&cpumap, &key, &value, 0);
}
