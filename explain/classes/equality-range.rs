use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "what a comparison for equality with a variable teaches",
    why: "Where two numbers are equal, each has the narrower range of both; that is still a range, not a constant.",
    fix: "Bound the other number, or this one, by a constant that fits the access.",
    lesson: lesson("ranges", 30),
    when: |e| e.outside() == Some(Outside::Equal),
    guard: Shape::Offset,
    ..PLAIN
};
