// Sections of packets and sockets: what each name says of type, attach type and flags, and what the verifier makes of it.

#include "bpf.h"

SEC("socket") int socket_filter(struct __sk_buff *skb) { return skb->len; }
SEC("sk_reuseport") int reuseport(struct sk_reuseport_md *md) { return md->len > 1 ? SK_PASS : SK_DROP; }
SEC("sk_reuseport/migrate") int reuseport_migrate(struct sk_reuseport_md *md) { return md->hash ? SK_PASS : SK_DROP; }
SEC("tc/ingress") int tc_ingress(struct __sk_buff *skb) { skb->mark = 1; return 0; }
SEC("tc/egress") int tc_egress(struct __sk_buff *skb) { skb->priority = 1; return 0; }
SEC("tcx/ingress") int tcx_ingress(struct __sk_buff *skb) { return skb->len > 10 ? 0 : -1; }
SEC("tcx/egress") int tcx_egress(struct __sk_buff *skb) { return skb->tc_classid ? 0 : -1; }
SEC("tc") int in_tc(struct __sk_buff *skb) { skb->cb[0] = skb->protocol; return 0; }
SEC("classifier") int in_classifier(struct __sk_buff *skb) { return skb->ifindex == 1 ? 0 : 2; }
SEC("action") int in_action(struct __sk_buff *skb) { return skb->vlan_tci ? 2 : 0; }
SEC("netkit/primary") int netkit_primary(struct __sk_buff *skb) { return skb->len ? 0 : 2; }
SEC("netkit/peer") int netkit_peer(struct __sk_buff *skb) { return skb->hash ? 0 : 2; }
SEC("xdp") int in_xdp(struct xdp_md *ctx) { return ctx->ingress_ifindex == 1 ? XDP_DROP : XDP_PASS; }
SEC("xdp.frags") int xdp_frags(struct xdp_md *ctx) { char bytes[8]; return bpf_xdp_load_bytes(ctx, 0, bytes, 8) ? XDP_DROP : XDP_PASS; }
SEC("xdp/devmap") int xdp_devmap(struct xdp_md *ctx) { return ctx->egress_ifindex ? XDP_PASS : XDP_DROP; }
SEC("xdp.frags/devmap") int xdp_frags_devmap(struct xdp_md *ctx) { return ctx->egress_ifindex ? XDP_PASS : XDP_DROP; }
SEC("xdp/cpumap") int xdp_cpumap(struct xdp_md *ctx) { return ctx->rx_queue_index ? XDP_PASS : XDP_DROP; }
SEC("xdp.frags/cpumap") int xdp_frags_cpumap(struct xdp_md *ctx) { return ctx->rx_queue_index ? XDP_PASS : XDP_DROP; }
SEC("lwt_in") int in_lwt_in(struct __sk_buff *skb) { return skb->len ? BPF_OK : BPF_DROP; }
SEC("lwt_out") int in_lwt_out(struct __sk_buff *skb) { return skb->mark ? BPF_OK : BPF_DROP; }
SEC("lwt_xmit") int in_lwt_xmit(struct __sk_buff *skb) { skb->cb[1] = 1; return BPF_OK; }
SEC("lwt_seg6local") int in_lwt_seg6local(struct __sk_buff *skb) { return skb->len ? BPF_OK : BPF_DROP; }
SEC("sockops") int in_sockops(struct bpf_sock_ops *ops) { ops->reply = ops->op; return 1; }
SEC("sk_skb/stream_parser") int stream_parser(struct __sk_buff *skb) { return skb->len; }
SEC("sk_skb/stream_verdict") int stream_verdict(struct __sk_buff *skb) { return skb->len > 8 ? SK_PASS : SK_DROP; }
SEC("sk_skb/verdict") int skb_verdict(struct __sk_buff *skb) { return skb->len > 8 ? SK_PASS : SK_DROP; }
SEC("sk_skb") int in_sk_skb(struct __sk_buff *skb) { return skb->len > 8 ? SK_PASS : SK_DROP; }
SEC("sk_msg") int in_sk_msg(struct sk_msg_md *msg) { return msg->size > 8 ? SK_PASS : SK_DROP; }
SEC("flow_dissector") int in_flow_dissector(struct __sk_buff *skb) { return skb->flow_keys->nhoff ? BPF_OK : BPF_DROP; }
SEC("sk_lookup") int in_sk_lookup(struct bpf_sk_lookup *ctx) { return ctx->local_port == 80 ? SK_PASS : SK_DROP; }

/* The context of netfilter's programs isn't in the header of programs. */
struct bpf_nf_ctx;
SEC("netfilter") int in_netfilter(struct bpf_nf_ctx *ctx) { return 1; }
SEC("lirc_mode2") int lirc(unsigned int *sample) { return *sample & 1; }

/* Rejected. */
SEC("xdp") int xdp_egress_outside_devmap(struct xdp_md *ctx) { return ctx->egress_ifindex ? XDP_PASS : XDP_DROP; }
SEC("socket") int socket_writes_mark(struct __sk_buff *skb) { skb->mark = 1; return 0; }
SEC("lwt_in") int lwt_in_writes_packet(struct __sk_buff *skb)
{
	char *data = (char *)(long)skb->data, *end = (char *)(long)skb->data_end;
	if (data + 1 > end)
		return BPF_DROP;
	*data = 0;
	return BPF_OK;
}
SEC("sk_lookup") int sk_lookup_result(struct bpf_sk_lookup *ctx) { return 2; }
SEC("flow_dissector") int flow_dissector_mark(struct __sk_buff *skb) { return skb->mark ? BPF_OK : BPF_DROP; }
SEC("netfilter") int netfilter_result(struct bpf_nf_ctx *ctx) { return 2; }
SEC("tc/ingress") int tc_classid_write_of_len(struct __sk_buff *skb) { skb->len = 7; return 0; }
