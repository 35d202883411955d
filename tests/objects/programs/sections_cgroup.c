// Sections of cgroups: attach types that decide over results, fields and helpers.

#include "bpf.h"

SEC("cgroup_skb/ingress") int skb_ingress(struct __sk_buff *skb) { return skb->len > 20; }
SEC("cgroup_skb/egress") int skb_egress_two(struct __sk_buff *skb) { return 2; }
SEC("cgroup/skb") int skb_alone(struct __sk_buff *skb) { return skb->mark == 0; }
SEC("cgroup/sock_create") int sock_create(struct bpf_sock *sock) { sock->mark = 1; return 1; }
SEC("cgroup/sock_release") int sock_release(struct bpf_sock *sock) { return sock->mark == 0 ? 1 : 0; }
SEC("cgroup/sock") int sock(struct bpf_sock *sock) { return sock->family == 2; }
SEC("cgroup/post_bind4") int post_bind4(struct bpf_sock *sock) { return sock->src_ip4 == 0; }
SEC("cgroup/post_bind6") int post_bind6(struct bpf_sock *sock) { return sock->src_ip6[0] == 0; }
SEC("cgroup/bind4") int bind4(struct bpf_sock_addr *addr) { return addr->user_port ? 3 : 1; }
SEC("cgroup/bind6") int bind6(struct bpf_sock_addr *addr) { return addr->user_ip6[1] ? 1 : 0; }
SEC("cgroup/connect4") int connect4(struct bpf_sock_addr *addr) { addr->user_ip4 = 0x100007f; return 1; }
SEC("cgroup/connect6") int connect6(struct bpf_sock_addr *addr) { addr->user_port = 22; return 1; }
SEC("cgroup/connect_unix") int connect_unix(struct bpf_sock_addr *addr) { return 1; }
SEC("cgroup/sendmsg4") int sendmsg4(struct bpf_sock_addr *addr) { return addr->msg_src_ip4 == 0; }
SEC("cgroup/sendmsg6") int sendmsg6(struct bpf_sock_addr *addr) { return addr->msg_src_ip6[0] == 0; }
SEC("cgroup/sendmsg_unix") int sendmsg_unix(struct bpf_sock_addr *addr) { return 1; }
SEC("cgroup/recvmsg4") int recvmsg4(struct bpf_sock_addr *addr) { addr->user_ip4 = 1; return 1; }
SEC("cgroup/recvmsg6") int recvmsg6(struct bpf_sock_addr *addr) { return 1; }
SEC("cgroup/recvmsg_unix") int recvmsg_unix(struct bpf_sock_addr *addr) { return 1; }
SEC("cgroup/getpeername4") int getpeername4(struct bpf_sock_addr *addr) { return 1; }
SEC("cgroup/getpeername6") int getpeername6(struct bpf_sock_addr *addr) { return 1; }
SEC("cgroup/getpeername_unix") int getpeername_unix(struct bpf_sock_addr *addr) { return 1; }
SEC("cgroup/getsockname4") int getsockname4(struct bpf_sock_addr *addr) { return 1; }
SEC("cgroup/getsockname6") int getsockname6(struct bpf_sock_addr *addr) { return 1; }
SEC("cgroup/getsockname_unix") int getsockname_unix(struct bpf_sock_addr *addr) { return 1; }
SEC("cgroup/sysctl") int sysctl(struct bpf_sysctl *ctl) { char name[16]; return bpf_sysctl_get_name(ctl, name, sizeof(name), 0) > 0; }
SEC("cgroup/getsockopt") int getsockopt(struct bpf_sockopt *opt) { opt->retval = 0; return 1; }
SEC("cgroup/setsockopt") int setsockopt(struct bpf_sockopt *opt) { opt->optlen = -1; return 1; }
SEC("cgroup/dev") int dev(struct bpf_cgroup_dev_ctx *ctx) { return ctx->major == 1; }

/* Rejected. */
SEC("cgroup/connect4") int connect4_two(struct bpf_sock_addr *addr) { return 2; }
SEC("cgroup/recvmsg4") int recvmsg4_zero(struct bpf_sock_addr *addr) { return 0; }
SEC("cgroup_skb/ingress") int skb_ingress_two(struct __sk_buff *skb) { return 2; }
SEC("cgroup/sock_release") int sock_release_writes(struct bpf_sock *sock) { sock->mark = 1; return 1; }
SEC("cgroup/post_bind6") int post_bind6_other_family(struct bpf_sock *sock) { return sock->src_ip4 == 0; }
SEC("cgroup/setsockopt") int setsockopt_retval(struct bpf_sockopt *opt) { opt->retval = 0; return 1; }
SEC("cgroup/connect6") int connect6_other_family(struct bpf_sock_addr *addr) { return addr->user_ip4 == 0; }
SEC("cgroup/connect_unix") int connect_unix_port(struct bpf_sock_addr *addr) { return addr->user_port == 0; }
SEC("cgroup/dev") int dev_two(struct bpf_cgroup_dev_ctx *ctx) { return 2; }
