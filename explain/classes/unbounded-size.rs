use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a size argument has no upper bound",
    why: "The memory that is passed must be as large as the largest size that the argument can have.",
    fix: "Compare the size with the memory's size, as unsigned, before the call.",
    lesson: lesson("helpers", 40),
    when: |e| e.outside() == Some(Outside::UnboundedSize),
    guard: Shape::Size(SizeFault::Unbounded),
    derivation: Numbers::Size,
    ..PLAIN
};
