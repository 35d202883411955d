use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "one NULL check serves all copies of a pointer",
    why: "A check holds for every copy of the same lookup's result, not for the result of another lookup.",
    fix: "Check the result that is used.",
    lesson: lesson("null", 50),
    guard: Shape::NotNull,
    derivation: Numbers::Null,
    ..PLAIN
};
