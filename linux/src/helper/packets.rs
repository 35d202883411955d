//! Helpers on a `struct __sk_buff` and where it goes.

macro_rules! packets {
    ($files:tt $($rows:tt)*) => {
        gather! { $files $($rows)*
            SkbStoreBytes = 9 "bpf_skb_store_bytes":
                [always(SCHED.with(LWT_XMIT).with(SK_SKB))],
                [takes(&[Ctx, Anything, MemIn, Size, Anything], Integer).moves_packet()];
            L3CsumReplace = 10 "bpf_l3_csum_replace":
                [always(SCHED.with(LWT_XMIT))],
                [takes(&[Ctx, Anything, Anything, Anything, Anything], Integer).moves_packet()];
            L4CsumReplace = 11 "bpf_l4_csum_replace":
                [always(SCHED.with(LWT_XMIT))],
                [takes(&[Ctx, Anything, Anything, Anything, Anything], Integer).moves_packet()];
            CloneRedirect = 13 "bpf_clone_redirect":
                [always(SCHED.with(LWT_XMIT))],
                [takes(&[Ctx, Anything, Anything], Integer).moves_packet()];
            SkbVlanPush = 18 "bpf_skb_vlan_push":
                [always(SCHED)],
                [takes(&[Ctx, Anything, Anything], Integer).moves_packet()];
            SkbVlanPop = 19 "bpf_skb_vlan_pop": [always(SCHED)], [takes(&[Ctx], Integer).moves_packet()];
            Redirect = 23 "bpf_redirect":
                [always(SCHED.with(XDP).with(LWT_XMIT))],
                [takes(&[Anything, Anything], Integer)];
            GetRouteRealm = 24 "bpf_get_route_realm": [always(LWT.with(SCHED))], [takes(&[Ctx], Integer)];
            SkbLoadBytes = 26 "bpf_skb_load_bytes":
                [
                    always(LWT.with(SCHED).with(SOCKET_FILTER).with(CGROUP_SKB).with(SK_SKB).with(SK_REUSEPORT).with(FLOW_DISSECTOR))
                ],
                [takes(&[Ctx, Anything, MemOut, Size], Integer)];
            CsumDiff = 28 "bpf_csum_diff":
                [always(LWT.with(SCHED).with(XDP))],
                [takes(&[MemInOrNull, SizeOrZero, MemInOrNull, SizeOrZero, Anything], Integer).reads_packet()];
            SkbChangeProto = 31 "bpf_skb_change_proto":
                [always(SCHED)],
                [takes(&[Ctx, Anything, Anything], Integer).moves_packet()];
            SkbChangeType = 32 "bpf_skb_change_type": [always(SCHED)], [takes(&[Ctx, Anything], Integer)];
            GetHashRecalc = 34 "bpf_get_hash_recalc": [always(LWT.with(SCHED))], [takes(&[Ctx], Integer)];
            SkbChangeTail = 38 "bpf_skb_change_tail":
                [always(SCHED.with(LWT_XMIT).with(SK_SKB))],
                [takes(&[Ctx, Anything, Anything], Integer).moves_packet()];
            SkbPullData = 39 "bpf_skb_pull_data":
                [
                    always(SCHED.with(LWT_IN).with(LWT_OUT).with(LWT_XMIT).with(SK_SKB)),
                    always(LWT_SEG6LOCAL).until(V7_2).lost(LATE_6_1_AND_6_12)
                ],
                [takes(&[Ctx, Anything], Integer).moves_packet()];
            CsumUpdate = 40 "bpf_csum_update":
                [always(SCHED.with(LWT_XMIT))],
                [takes(&[Ctx, Anything], Integer)];
            SetHashInvalid = 41 "bpf_set_hash_invalid":
                [always(SCHED.with(LWT_XMIT))],
                [takes(&[Ctx], Integer)];
            SkbChangeHead = 43 "bpf_skb_change_head":
                [always(SCHED.with(LWT_XMIT).with(SK_SKB))],
                [takes(&[Ctx, Anything, Anything], Integer).moves_packet()];
            SetHash = 48 "bpf_set_hash": [always(SCHED)], [takes(&[Ctx, Anything], Integer)];
            SkbAdjustRoom = 50 "bpf_skb_adjust_room":
                [always(SCHED.with(SK_SKB))],
                [takes(&[Ctx, Anything, Anything, Anything], Integer).moves_packet()];
            SkbGetXfrmState = 66 "bpf_skb_get_xfrm_state": [always(SCHED)], [outline(5, &[])];
            SkbLoadBytesRelative = 68 "bpf_skb_load_bytes_relative":
                [always(SCHED.with(SOCKET_FILTER).with(CGROUP_SKB).with(SK_REUSEPORT))],
                [takes(&[Ctx, Anything, MemOut, Size, Anything], Integer)];
            FibLookup = 69 "bpf_fib_lookup":
                [always(SCHED.with(XDP))],
                [takes(&[Ctx, MemInOut, Size, Anything], Integer).gpl_only()];
            SkbEcnSetCe = 97 "bpf_skb_ecn_set_ce": [always(SCHED.with(CGROUP_SKB))], [takes(&[Ctx], Integer)];
            CsumLevel = 135 "bpf_csum_level":
                [always(SCHED.with(LWT_XMIT))],
                [takes(&[Ctx, Anything], Integer)];
            RedirectNeigh = 152 "bpf_redirect_neigh":
                [always(SCHED)],
                [takes(&[Anything, MemInOrNull, SizeOrZero, Anything], Integer)];
            RedirectPeer = 155 "bpf_redirect_peer": [always(SCHED)], [takes(&[Anything, Anything], Integer)];
            CheckMtu = 163 "bpf_check_mtu":
                [since(V5_12, SCHED.with(XDP))],
                [takes(&[Ctx, Anything, FixedInOut(4), Anything, Anything], Integer).gpl_only()];
            SkbSetTstamp = 192 "bpf_skb_set_tstamp":
                [since(V5_18, SCHED)],
                [takes(&[Ctx, Anything, Anything], Integer)];
        }
    };
}
