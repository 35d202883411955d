use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "loops that end",
    why: "The verifier walks a loop round by round until it ends. Kernels before 5.3, or the instruction `may_goto` before 6.9, don't allow it.",
    fix: "Unroll the loop, or require a kernel that walks loops.",
    lesson: lesson("loops", 10),
    docs: pages::DESIGN,
    remedy: |fault| {
        Some(if fault.kind() == Some(Kind::BackEdge) {
            Remedy {
                c: "#pragma unroll over a constant number of rounds",
                rust: "for i in 0..8 with a small constant, at opt-level = 3, which unrolls it",
                asm: "the body once for each round",
            }
        } else {
            Remedy {
                c: "for (int i = 0; i < 100; i++) from Linux 5.3 on; bpf_loop() 5.17, bpf_for 6.4, can_loop and cond_break 6.9",
                rust: "for i in 0..100 from Linux 5.3 on; bpf_loop 5.17",
                asm: "a counter and if r6 < 100 goto head from Linux 5.3 on; may_goto 6.9",
            }
        })
    },
    ..PLAIN
};
