use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a size argument may be zero",
    why: "The helper wants at least one byte.",
    fix: "Check the size for zero before the call.",
    lesson: lesson("helpers", 60),
    when: |e| e.outside() == Some(Outside::ZeroSize),
    guard: Shape::Size(SizeFault::Zero),
    derivation: Numbers::Size,
    ..PLAIN
};
