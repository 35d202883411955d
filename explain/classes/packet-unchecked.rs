use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "packet bytes are read without a comparison with data_end",
    why: "A packet may be of any length, so every access needs a comparison with data_end on its path.",
    fix: "Compare data + size with data_end before the access.",
    lesson: lesson("packets", 10),
    docs: pages::PACKETS,
    when: |e| e.outside() == Some(Outside::Unchecked),
    guard: Shape::Packet,
    derivation: Numbers::Packet,
    words: |fault, plain| {
        if fault.path.is_whole() {
            return plain;
        }
        Words { title: "packet bytes are read that no comparison with data_end in the log covers", ..plain }
    },
    remedy: |fault| {
        Some(match carrier(fault) {
            Some(Carrier::Skb) => Remedy {
                c: "bpf_skb_pull_data(skb, n) before, where the bytes may lie outside of the linear part; or bpf_skb_load_bytes(), which needs no comparison",
                rust: "ctx.load::<T>(offset)?, which needs no comparison; or ctx.pull_data(n) and ptr_at::<T>(&ctx, offset)?",
                asm: "call bpf_skb_load_bytes#26 with r3 = a buffer on the stack",
            },
            _ => Remedy {
                c: "if ((void *)(eth + 1) > data_end) return XDP_PASS; with eth the pointer of the loads; then the next header",
                rust: "ptr_at::<EthHdr>(&ctx, 0)? as the aya book has it: start + offset + size_of::<T>() > end gives Err",
                asm: "r4 = r2; r4 += 14; if r4 > r3 goto out, and loads through r2",
            },
        })
    },
    ..PLAIN
};
