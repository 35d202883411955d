use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "what is learnt of a register holds for another that differs by a constant",
    why: "The comparison was made with a copy that differs by a constant. Before Linux 6.12 the verifier forgets that the two belong together as soon as a constant is added.",
    fix: "Compare the register that is used, after the addition.",
    blame: Blame::Kernel,
    lesson: lesson("ranges", 50),
    when: |e| e.outside() == Some(Outside::Copy),
    guard: Shape::Offset,
    ..PLAIN
};
