use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a loop that makes no progress",
    why: "The verifier came back to an instruction with a state that it had seen before on the same path: the loop would go on for ever as far as it can tell.",
    fix: "Count towards a constant limit with a register that the loop changes, or use `bpf_loop` or `may_goto`.",
    lesson: lesson("loops", 20),
    docs: pages::DESIGN,
    words: |fault, plain| {
        if fault.kind() != Some(Kind::BackEdge) {
            return plain;
        }
        Words {
            title: "a jump back, where loops aren't allowed",
            why: "The verifier looks for jumps back before it walks the program, and refuses any: loops need Linux 5.3, and \
                  CAP_BPF (up to 5.7 CAP_SYS_ADMIN).",
            fix: "Load the program with the capability, or unroll the loop.",
        }
    },
    remedy: |fault| {
        let is_panic = matches!(fault.insn, Some(Insn::Goto { off: -1, .. }));
        Some(if fault.kind() == Some(Kind::BackEdge) {
            Remedy {
                c: "setcap cap_bpf,cap_perfmon+ep LOADER; without the capability #pragma unroll",
                rust: "the loader with cap_bpf; without it a small constant number of rounds at opt-level = 3, which unrolls it",
                asm: "the body once for each round",
            }
        } else if is_panic {
            Remedy {
                c: "while (1); and for (;); have no end: return instead",
                rust: "a panic handler's loop {} ends here: build with --release, index by get(), use checked_ or wrapping_ arithmetic, so that nothing panics",
                asm: "exit in place of a jump to itself",
            }
        } else {
            Remedy {
                c: "for (int i = 0; i < 100; i++) with a constant; where the count isn't known bpf_for(i, 0, n) (6.4), bpf_loop(n, each, &data, 0) (5.17)",
                rust: "for i in 0..100, left by break; where the count isn't known bpf_loop (5.17); a panic handler's loop {} is such a loop too",
                asm: "r6 += 1; if r6 < 100 goto head; or may_goto out at the head (6.9)",
            }
        })
    },
    ..PLAIN
};
