use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the verifier gives up after a million instructions",
    why: "The verifier walks at most a million instructions over all paths (4096 instructions of the program without CAP_BPF).",
    fix: "Let paths meet with equal states, shorten loops, or move their body to bpf_loop.",
    blame: Blame::Limit,
    lesson: lesson("loops", 30),
    docs: pages::PRUNING,
    remedy: |_| {
        Some(Remedy {
            c: "no #pragma unroll; bpf_loop() (5.17) or bpf_for (6.4), which are walked a few times whatever n is; __noinline functions that aren't static, which are walked once by themselves; knockwright complexity shows where it goes",
            rust: "bpf_loop (5.17) for long loops, and fewer branches in each body; without cap_bpf a program may have 4096 instructions; knockwright complexity shows where it goes",
            asm: "clear or mask what differs from path to path and isn't needed any more (r3 = 0), so that states meet; knockwright complexity shows where it goes",
        })
    },
    ..PLAIN
};
