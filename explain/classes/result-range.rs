use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the program's result is outside of what its type may return",
    why: "Some program types may return certain values only, and the verifier must see r0 in that range at the exit.",
    fix: "Set r0 to an allowed constant, or limit it, before the exit.",
    lesson: lesson("references", 30),
    guard: Shape::Result,
    ..PLAIN
};
