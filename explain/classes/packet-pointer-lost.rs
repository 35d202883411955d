use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a helper moved the packet, and the old pointers are used",
    why: "A helper that may move the packet makes all packet pointers plain numbers.",
    fix: "Load data and data_end from the context again after the call, and check again.",
    lesson: lesson("packets", 70),
    docs: pages::PACKETS,
    when: |e| e.held() == Some(Held::LostPacket),
    loses_pointer: true,
    turn: |fault, last| {
        let (step, name) = call_before(fault, last, moves_packets)?;
        let reg = fault.register_name();
        Some((step, format!("{name} may move the packet: {reg} is a plain number from here on")))
    },
    remedy: |fault| {
        Some(match carrier(fault) {
            Some(Carrier::Skb) => Remedy {
                c: "data = (void *)(long)skb->data; data_end = (void *)(long)skb->data_end; and each comparison anew; do what moves the packet first (bpf_skb_pull_data), and parse then",
                rust: "ctx.pull_data(len) first, then ptr_at(&ctx, offset)?: it takes ctx.data() anew at each call",
                asm: "r6 = the context at the start; after the call r2 = *(u32 *)(r6 +76); r3 = *(u32 *)(r6 +80), and compare",
            },
            _ => Remedy {
                c: "data = (void *)(long)ctx->data; data_end = (void *)(long)ctx->data_end; and each comparison anew after bpf_xdp_adjust_head() or what else moves the packet",
                rust: "ptr_at(&ctx, offset)? anew after the call: it takes ctx.data() at each call; a pointer from before is void",
                asm: "r6 = the context at the start; after the call r2 = *(u32 *)(r6 +0); r3 = *(u32 *)(r6 +4), and compare",
            },
        })
    },
    ..PLAIN
};
