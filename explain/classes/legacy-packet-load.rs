use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a classic packet load in a program type without it",
    why: "`ld_abs` and `ld_ind` come from classic BPF: only socket filters and scheduler classifiers have them, and the context must be in r6.",
    fix: "Load through the packet pointers of the context, or with bpf_skb_load_bytes.",
    lesson: lesson("packets", 120),
    when: |e| e.unwritten() == Some(Unwritten::PacketLoad),
    ..PLAIN
};
