// Sockets that programs look up, and what they may do with them.

#include "bpf.h"

SEC("tc") int looks_up(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = { .ipv4 = { .dport = 22 } };
	struct bpf_sock *sock = bpf_sk_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), -1, 0);
	int state;
	if (!sock)
		return 0;
	state = sock->state;
	bpf_sk_release(sock);
	return state == 10 ? 0 : 2;
}
SEC("cgroup_skb/ingress") int full_socket(struct __sk_buff *skb)
{
	struct bpf_sock *sock = skb->sk ? bpf_sk_fullsock(skb->sk) : NULL;
	return sock ? sock->mark == 0 : 1;
}
SEC("sockops") int sets_an_option(struct bpf_sock_ops *ops)
{
	int value = 1;
	bpf_setsockopt(ops, 1, 9, &value, sizeof(value));
	return 0;
}
/* Without privileges the next would be a read of old stack. */
SEC("tc") int uninitialised_tuple(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple;
	struct bpf_sock *sock = bpf_sk_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), -1, 0);
	if (sock)
		bpf_sk_release(sock);
	return 0;
}

/* Rejected. */
SEC("tc") int keeps_the_socket(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {};
	return bpf_sk_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), -1, 0) ? 0 : 2;
}
SEC("tc") int socket_after_release(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *sock = bpf_sk_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), -1, 0);
	if (!sock)
		return 0;
	bpf_sk_release(sock);
	return sock->state;
}
SEC("tc") int releases_the_packets_own(struct __sk_buff *skb) { return skb->sk ? bpf_sk_release(skb->sk) : 0; }
SEC("cgroup_skb/ingress") int socket_without_null_check(struct __sk_buff *skb) { return skb->sk->family == 2; }
