use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a classic packet load in a program type without it",
    why: "`ld_abs` and `ld_ind` come from classic BPF: only socket filters and scheduler classifiers have them, and the context must be in r6.",
    fix: "Load through the packet pointers of the context, or with bpf_skb_load_bytes.",
    lesson: lesson("packets", 120),
    docs: pages::LEGACY_LOADS,
    when: |e| e.unwritten() == Some(Unwritten::PacketLoad),
    remedy: |fault| {
        let takes_r6 = fault.kind() == Some(Kind::LegacyLoadContext);
        Some(if takes_r6 {
            Remedy {
                c: "load_byte(skb, offset) with skb the program's own argument",
                rust: "ctx.load::<u8>(offset)? in place of it",
                asm: "r6 = r1 at the start of the program",
            }
        } else {
            Remedy {
                c: "bpf_skb_load_bytes(skb, offset, &value, sizeof(value)) in place of load_byte(), load_half(), load_word(); in XDP data and data_end",
                rust: "ctx.load::<u8>(offset)? of TcContext or SkBuffContext; in XDP ptr_at::<u8>(&ctx, offset)?",
                asm: "call bpf_skb_load_bytes#26, or loads through the context's data and data_end",
            }
        })
    },
    ..PLAIN
};
