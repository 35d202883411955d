use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a size argument may be negative",
    why: "A size is unsigned for the helper, so a number that may be negative could be enormous.",
    fix: "Mask the size, or compare it as unsigned with a constant.",
    lesson: lesson("helpers", 50),
    guard: Shape::Size(SizeFault::Negative),
    derivation: Numbers::Size,
    ..PLAIN
};
