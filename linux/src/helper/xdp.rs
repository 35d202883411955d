//! Helpers on a `struct xdp_md` and where it goes.

macro_rules! xdp {
    ($files:tt $($rows:tt)*) => {
        gather! { $files $($rows)*
            XdpAdjustHead = 44 "bpf_xdp_adjust_head":
                [always(XDP)],
                [takes(&[Ctx, Anything], Integer).moves_packet()];
            RedirectMap = 51 "bpf_redirect_map":
                [always(XDP)],
                [takes(&[Map, Anything, Anything], Integer).maps(REDIRECTS)];
            XdpAdjustMeta = 54 "bpf_xdp_adjust_meta":
                [always(XDP)],
                [takes(&[Ctx, Anything], Integer).moves_packet()];
            XdpAdjustTail = 65 "bpf_xdp_adjust_tail":
                [always(XDP)],
                [takes(&[Ctx, Anything], Integer).moves_packet()];
            XdpGetBuffLen = 188 "bpf_xdp_get_buff_len":
                [since(V5_18, XDP.with(SYSCALL))],
                [takes(&[Ctx], Integer)];
            XdpLoadBytes = 189 "bpf_xdp_load_bytes":
                [since(V5_18, XDP)],
                [takes(&[Ctx, Anything, MemOut, Size], Integer)];
            XdpStoreBytes = 190 "bpf_xdp_store_bytes":
                [since(V5_18, XDP)],
                [takes(&[Ctx, Anything, MemIn, Size], Integer)];
        }
    };
}
