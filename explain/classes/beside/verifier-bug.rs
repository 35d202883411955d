use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the verifier contradicts itself",
    why: "The message is of a state that the kernel's own developers thought impossible: a bug of this kernel, not a rule.",
    fix: "Update to the last stable release of the kernel series; report it to bpf@vger.kernel.org with the program; meanwhile change the code around the instruction.",
    no_lesson: Some("It takes a bug of the kernel, which is repaired once it's known."),
    blame: Blame::Kernel,
    docs: pages::VERIFIER,
    remedy: |_| {
        Some(Remedy {
            c: "simplify the expression at this line, or compile with another optimisation level",
            rust: "simplify the expression at this line, or inline the function",
            asm: "rewrite the instructions around this one",
        })
    },
    ..PLAIN
};
