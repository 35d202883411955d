use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the verifier gives up after a million instructions",
    why: "The verifier walks at most a million instructions over all paths (4096 instructions of the program without CAP_BPF).",
    fix: "Let paths meet with equal states, shorten loops, or move their body to bpf_loop.",
    blame: Blame::Limit,
    lesson: lesson("loops", 30),
    ..PLAIN
};
