use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an access out of memory of known size",
    why: "The memory that a helper returned has the size that was asked for, and the access must lie in it.",
    fix: "Access only the bytes that were reserved, or reserve more.",
    lesson: lesson("map-values", 50),
    when: |e| e.outside() == Some(Outside::Memory),
    guard: Shape::Offset,
    ..PLAIN
};
