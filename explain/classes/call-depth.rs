use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "too many calls inside each other",
    why: "The verifier follows at most eight frames (sixteen from Linux 7.2 on), and every frame has its own stack.",
    fix: "Merge functions, or continue in another program by a tail call.",
    blame: Blame::Limit,
    lesson: lesson("loops", 50),
    docs: pages::DESIGN,
    remedy: |_| {
        Some(Remedy {
            c: "static __always_inline for the innermost functions; bpf_tail_call(ctx, &programs, i) goes on in a program with frames of its own",
            rust: "#[inline(always)]; or unsafe { PROGRAMS.tail_call(&ctx, i) }",
            asm: "the callee's instructions in place of the call",
        })
    },
    ..PLAIN
};
