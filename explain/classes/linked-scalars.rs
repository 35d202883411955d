use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "what is learnt of a register holds for another that differs by a constant",
    why: "The comparison was made with a copy that differs by a constant. Before Linux 6.12 the verifier forgets that the two belong together as soon as a constant is added.",
    fix: "Compare the register that is used, after the addition.",
    blame: Blame::Kernel,
    lesson: lesson("ranges", 50),
    docs: pages::VALUES,
    when: |e| e.outside() == Some(Outside::Copy),
    guard: Shape::Offset,
    remedy: |_| {
        Some(Remedy {
            c: "__u32 j = i + 1; if (j >= N) return 0; barrier_var(j) before it, or clang compares i with N - 1 again",
            rust: "let j = i + 1; and array.get(j); check_bounds_signed(j as i64, 0, LAST) compares just j",
            asm: "the comparison after the addition, on its result",
        })
    },
    ..PLAIN
};
