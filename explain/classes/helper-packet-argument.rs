use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a packet pointer as a helper's argument",
    why: "A helper that reads or writes memory may get a packet pointer, but the bytes must lie before data_end as for a load.",
    fix: "Compare pointer + size with data_end before the call.",
    lesson: lesson("packets", 90),
    docs: pages::PACKETS,
    when: |e| e.outside() == Some(Outside::PacketArgument),
    guard: Shape::Packet,
    derivation: Numbers::Packet,
    remedy: |_| {
        Some(Remedy {
            c: "one constant for both: if (p + N > data_end) return …; bpf_csum_diff(0, 0, p, N, 0); longer or split packets: bpf_skb_load_bytes() or bpf_xdp_load_bytes() into a buffer",
            rust: "ptr_at::<[u8; N]>(&ctx, offset)? and that pointer; or ctx.load_bytes(offset, &mut buffer)?, whose result is checked",
            asm: "the compared pointer in the argument itself, and no addition to it in between",
        })
    },
    ..PLAIN
};
