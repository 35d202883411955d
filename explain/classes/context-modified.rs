use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the context pointer was moved before the access",
    why: "The kernel rewrites each access to the context by its constant offset in the instruction, so the pointer itself must be the one the program got.",
    fix: "Put the offset into the load: `*(u32 *)(r1 +4)` with r1 as it was.",
    lesson: lesson("pointers", 20),
    docs: pages::VERIFIER,
    remedy: |_| {
        Some(Remedy {
            c: "the field in a local variable before the branches: __u32 mark = skb->mark; barrier_var(mark); clang else joins two loads by moving ctx; skb->cb[i] only with a constant i",
            rust: "let mark = unsafe { (*ctx.skb.skb).mark }; before the branches, and no reference to a field of the context",
            asm: "r6 = r1 at the start, and each access by a constant offset from r6",
        })
    },
    ..PLAIN
};
