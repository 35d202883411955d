use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "data_end is used as a pointer to memory",
    why: "data_end is only there to be compared with: it can't be moved or dereferenced.",
    fix: "Use the data pointer, and compare it with data_end.",
    lesson: lesson("packets", 80),
    docs: pages::PACKETS,
    when: |e| {
        let arithmetic = e.is(&[Kind::TypeArithmetic]) && e.text("held") == Some("pkt_end");
        arithmetic || e.held() == Some(Held::PacketEnd)
    },
    remedy: |fault| {
        Some(match carrier(fault) {
            Some(Carrier::Skb) => Remedy {
                c: "read from data on; the end of the packet: bpf_skb_load_bytes(skb, skb->len - n, &buffer, n)",
                rust: "read from ctx.data() on; the end of the packet: ctx.load_bytes(ctx.len() as usize - n, &mut buffer)?",
                asm: "the register of data for loads, that of data_end for comparisons alone",
            },
            _ => Remedy {
                c: "read from data on; the end of the packet: bpf_xdp_get_buff_len() and bpf_xdp_load_bytes() (5.18)",
                rust: "read from ctx.data() on; the end of the packet: bpf_xdp_get_buff_len and bpf_xdp_load_bytes (5.18)",
                asm: "the register of data for loads, that of data_end for comparisons alone",
            },
        })
    },
    ..PLAIN
};
