use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the range of a remainder",
    why: "Before Linux 7.0 the verifier learns nothing from `/` and `%`: the result is any number, however small the divisor.",
    fix: "Compare the result with a constant, or use `&` with a power of two less one.",
    lesson: lesson("ranges", 60),
    when: |e| e.outside() == Some(Outside::Divided),
    guard: Shape::Offset,
    ..PLAIN
};
