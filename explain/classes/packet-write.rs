use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the program type may not write packets directly",
    why: "Only some program types may store through packet pointers.",
    fix: "Use a helper that writes, or a program type that may.",
    blame: Blame::Kernel,
    lesson: lesson("packets", 100),
    docs: pages::PROGRAM_TYPES,
    remedy: |_| {
        Some(Remedy {
            c: "SEC(\"xdp\") or SEC(\"tc\"); programs of type cgroup_skb, socket and flow_dissector only read",
            rust: "#[xdp], or #[classifier] with ctx.store(offset, &value, 0)",
            asm: "prog_type xdp or sched_cls; call bpf_skb_store_bytes#9 on an sk_buff",
        })
    },
    ..PLAIN
};
