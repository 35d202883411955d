//! Helpers on tunnels and light-weight tunnels.

macro_rules! tunnels {
    ($files:tt $($rows:tt)*) => {
        gather! { $files $($rows)*
            SkbGetTunnelKey = 20 "bpf_skb_get_tunnel_key":
                [always(SCHED.with(LWT_XMIT))],
                [takes(&[Ctx, MemOut, Size, Anything], Integer)];
            SkbSetTunnelKey = 21 "bpf_skb_set_tunnel_key":
                [always(SCHED.with(LWT_XMIT))],
                [takes(&[Ctx, MemIn, Size, Anything], Integer)];
            SkbGetTunnelOpt = 29 "bpf_skb_get_tunnel_opt":
                [always(SCHED.with(LWT_XMIT))],
                [takes(&[Ctx, MemOut, Size], Integer)];
            SkbSetTunnelOpt = 30 "bpf_skb_set_tunnel_opt":
                [always(SCHED.with(LWT_XMIT))],
                [takes(&[Ctx, MemIn, Size], Integer)];
            LwtPushEncap = 73 "bpf_lwt_push_encap":
                [always(LWT_IN.with(LWT_XMIT))],
                [unknown(&[size(4)]).moves_packet()];
            LwtSeg6StoreBytes = 74 "bpf_lwt_seg6_store_bytes":
                [always(LWT_SEG6LOCAL)],
                [unknown(&[size(4)]).moves_packet()];
            LwtSeg6AdjustSrh = 75 "bpf_lwt_seg6_adjust_srh":
                [always(LWT_SEG6LOCAL)],
                [unknown(&[]).moves_packet()];
            LwtSeg6Action = 76 "bpf_lwt_seg6_action":
                [always(LWT_SEG6LOCAL)],
                [unknown(&[size(4)]).moves_packet()];
        }
    };
}
