use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a callback returns what its caller does not take",
    why: "`bpf_loop` and `bpf_for_each_map_elem` take 0 (go on) or 1 (stop) from their callback, and the verifier has to see that r0 is one of them at its exit.",
    fix: "Set r0 to 0 or 1 before the callback's exit.",
    lesson: lesson("helpers", 120),
    guard: Shape::Result,
    ..PLAIN
};
