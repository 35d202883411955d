//! Helpers on sockets, their storage and what is sent through them.

macro_rules! sockets {
    ($files:tt $($rows:tt)*) => {
        gather! { $files $($rows)*
            GetSocketCookie = 46 "bpf_get_socket_cookie":
                [
                    always(SCHED.with(SOCKET_FILTER).with(CGROUP_SKB).with(CGROUP_SOCK).with(SOCK_OPS).with(SK_SKB).with(CGROUP_SOCK_ADDR).with(SYSCALL)),
                    since(V5_14, SK_REUSEPORT)
                ],
                [takes(&[Ctx], Integer)];
            GetSocketUid = 47 "bpf_get_socket_uid":
                [always(SCHED.with(SOCKET_FILTER).with(CGROUP_SKB).with(SK_SKB))],
                [takes(&[Ctx], Integer)];
            Setsockopt = 49 "bpf_setsockopt":
                [always(SOCK_OPS), since(V5_12, CGROUP_SOCK_ADDR), since(V6_19, CGROUP_SOCK)],
                [unknown(&[size(5)])];
            Getsockopt = 57 "bpf_getsockopt":
                [always(SOCK_OPS), since(V5_12, CGROUP_SOCK_ADDR), since(V6_19, CGROUP_SOCK)],
                [unknown(&[size(5)])];
            SkRedirectMap = 52 "bpf_sk_redirect_map": [always(SK_SKB)], [unknown(&[])];
            SockMapUpdate = 53 "bpf_sock_map_update": [always(SOCK_OPS)], [unknown(&[])];
            SockOpsCbFlagsSet = 59 "bpf_sock_ops_cb_flags_set": [always(SOCK_OPS)], [unknown(&[])];
            MsgRedirectMap = 60 "bpf_msg_redirect_map": [always(SK_MSG)], [unknown(&[])];
            MsgApplyBytes = 61 "bpf_msg_apply_bytes": [always(SK_MSG)], [unknown(&[])];
            MsgCorkBytes = 62 "bpf_msg_cork_bytes": [always(SK_MSG)], [unknown(&[])];
            MsgPullData = 63 "bpf_msg_pull_data": [always(SK_MSG)], [unknown(&[]).moves_packet()];
            Bind = 64 "bpf_bind": [], [unknown(&[size(3)])];
            SockHashUpdate = 70 "bpf_sock_hash_update": [always(SOCK_OPS)], [unknown(&[])];
            MsgRedirectHash = 71 "bpf_msg_redirect_hash": [always(SK_MSG)], [unknown(&[])];
            SkRedirectHash = 72 "bpf_sk_redirect_hash": [always(SK_SKB)], [unknown(&[])];
            SkSelectReuseport = 82 "bpf_sk_select_reuseport": [always(SK_REUSEPORT)], [unknown(&[])];
            SkLookupTcp = 84 "bpf_sk_lookup_tcp":
                [always(SCHED.with(XDP).with(CGROUP_SKB).with(SK_SKB).with(CGROUP_SOCK_ADDR))],
                [takes(&[Ctx, MemIn, Size, Anything, Anything], SocketOrNull).reads_packet()];
            SkLookupUdp = 85 "bpf_sk_lookup_udp":
                [always(SCHED.with(XDP).with(CGROUP_SKB).with(SK_SKB).with(CGROUP_SOCK_ADDR))],
                [takes(&[Ctx, MemIn, Size, Anything, Anything], SocketOrNull).reads_packet()];
            SkRelease = 86 "bpf_sk_release":
                [always(SCHED.with(XDP).with(CGROUP_SKB).with(SK_SKB).with(CGROUP_SOCK_ADDR).with(SK_LOOKUP))],
                [takes(&[SocketGivenUp], Integer).releases()];
            MsgPushData = 90 "bpf_msg_push_data": [always(SK_MSG)], [unknown(&[]).moves_packet()];
            MsgPopData = 91 "bpf_msg_pop_data": [always(SK_MSG)], [unknown(&[]).moves_packet()];
            SkFullsock = 95 "bpf_sk_fullsock": [always(SCHED.with(CGROUP_SKB))], [outline(1, &[])];
            TcpSock = 96 "bpf_tcp_sock":
                [always(SCHED.with(CGROUP_SKB).with(SOCK_OPS).with(CGROUP_SOCKOPT))],
                [outline(1, &[])];
            GetListenerSock = 98 "bpf_get_listener_sock": [always(SCHED.with(CGROUP_SKB))], [outline(1, &[])];
            SkcLookupTcp = 99 "bpf_skc_lookup_tcp":
                [always(SCHED.with(XDP).with(CGROUP_SKB).with(SK_SKB).with(CGROUP_SOCK_ADDR))],
                [takes(&[Ctx, MemIn, Size, Anything, Anything], SockCommonOrNull).reads_packet()];
            TcpCheckSyncookie = 100 "bpf_tcp_check_syncookie":
                [always(SCHED.with(XDP))],
                [outline(5, &[size(3), size(5)]).gpl_only()];
            SkStorageGet = 107 "bpf_sk_storage_get":
                [
                    always(SCHED.with(CGROUP_SKB).with(CGROUP_SOCK).with(SOCK_OPS).with(SK_MSG).with(CGROUP_SOCK_ADDR).with(CGROUP_SOCKOPT).with(SYSCALL))
                ],
                [outline(4, &[])];
            SkStorageDelete = 108 "bpf_sk_storage_delete":
                [
                    always(SCHED.with(CGROUP_SKB).with(SOCK_OPS).with(SK_MSG).with(CGROUP_SOCK_ADDR).with(CGROUP_SOCKOPT).with(SYSCALL))
                ],
                [outline(2, &[])];
            TcpGenSyncookie = 110 "bpf_tcp_gen_syncookie":
                [always(SCHED.with(XDP))],
                [outline(5, &[size(3), size(5)]).gpl_only()];
            TcpSendAck = 116 "bpf_tcp_send_ack": [], [unknown(&[])];
            GetNetnsCookie = 122 "bpf_get_netns_cookie":
                [
                    always(CGROUP_SOCK.with(CGROUP_SOCK_ADDR)),
                    since(V5_15, SOCK_OPS.with(SK_MSG).with(CGROUP_SOCKOPT)),
                    since(V6_15, SCHED.with(SOCKET_FILTER).with(CGROUP_SKB))
                ],
                [outline(1, &[])];
            SkAssign = 124 "bpf_sk_assign": [always(SCHED.with(SK_LOOKUP))], [outline(3, &[])];
            SkcToTcp6Sock = 136 "bpf_skc_to_tcp6_sock":
                [always(NETWORK.without(SK_REUSEPORT).with(CGROUP_SOCK_ADDR)).perfmon(), since(V5_14, SYSCALL)],
                [outline(1, &[])];
            SkcToTcpSock = 137 "bpf_skc_to_tcp_sock":
                [always(NETWORK.without(SK_REUSEPORT).with(CGROUP_SOCK_ADDR)).perfmon(), since(V5_14, SYSCALL)],
                [outline(1, &[])];
            SkcToTcpTimewaitSock = 138 "bpf_skc_to_tcp_timewait_sock":
                [always(NETWORK.without(SK_REUSEPORT).with(CGROUP_SOCK_ADDR)).perfmon(), since(V5_14, SYSCALL)],
                [outline(1, &[])];
            SkcToTcpRequestSock = 139 "bpf_skc_to_tcp_request_sock":
                [always(NETWORK.without(SK_REUSEPORT).with(CGROUP_SOCK_ADDR)).perfmon(), since(V5_14, SYSCALL)],
                [outline(1, &[])];
            SkcToUdp6Sock = 140 "bpf_skc_to_udp6_sock":
                [always(NETWORK.without(SK_REUSEPORT).with(CGROUP_SOCK_ADDR)).perfmon(), since(V5_14, SYSCALL)],
                [outline(1, &[])];
            LoadHdrOpt = 142 "bpf_load_hdr_opt": [always(SOCK_OPS)], [unknown(&[size(3)])];
            StoreHdrOpt = 143 "bpf_store_hdr_opt": [always(SOCK_OPS)], [unknown(&[size(3)]).moves_packet()];
            ReserveHdrOpt = 144 "bpf_reserve_hdr_opt": [always(SOCK_OPS)], [unknown(&[])];
            SockFromFile = 162 "bpf_sock_from_file": [since(V5_14, SYSCALL)], [unknown(&[])];
            SkcToUnixSock = 178 "bpf_skc_to_unix_sock":
                [
                    since(V5_16, NETWORK.without(SK_REUSEPORT).with(CGROUP_SOCK_ADDR)).perfmon(),
                    since(V5_16, SYSCALL)
                ],
                [outline(1, &[])];
            SkcToMptcpSock = 196 "bpf_skc_to_mptcp_sock":
                [
                    since(V5_19, NETWORK.without(SK_REUSEPORT).with(CGROUP_SOCK_ADDR)).perfmon(),
                    since(V5_19, SYSCALL)
                ],
                [outline(1, &[])];
            TcpRawGenSyncookieIpv4 = 204 "bpf_tcp_raw_gen_syncookie_ipv4":
                [since(V6_0, SCHED.with(XDP))],
                [outline(3, &[]).gpl_only()];
            TcpRawGenSyncookieIpv6 = 205 "bpf_tcp_raw_gen_syncookie_ipv6":
                [since(V6_0, SCHED.with(XDP))],
                [outline(3, &[]).gpl_only()];
            TcpRawCheckSyncookieIpv4 = 206 "bpf_tcp_raw_check_syncookie_ipv4":
                [since(V6_0, SCHED.with(XDP))],
                [outline(2, &[]).gpl_only()];
            TcpRawCheckSyncookieIpv6 = 207 "bpf_tcp_raw_check_syncookie_ipv6":
                [since(V6_0, SCHED.with(XDP))],
                [outline(2, &[]).gpl_only()];
        }
    };
}
