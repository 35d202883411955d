use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "bounds of a number that went over the stack",
    why: "A number spilled to the stack keeps its bounds only as long as no other store touches its slot.",
    fix: "Keep the number in r6 to r9, or compare it again after it was filled.",
    lesson: lesson("ranges", 70),
    when: |e| e.outside() == Some(Outside::Overwritten),
    guard: Shape::Offset,
    ..PLAIN
};
