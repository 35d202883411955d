use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a pointer that may be NULL is passed to a helper",
    why: "The helper wants memory, and the pointer may be NULL.",
    fix: "Check the pointer for NULL before the call.",
    lesson: lesson("null", 40),
    when: |e| e.is(&[Kind::ArgumentType]) && e.text("held").is_some_and(|held| held.ends_with("_or_null")),
    guard: Shape::NotNull,
    derivation: Numbers::Null,
    ..PLAIN
};
