use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "what signed and unsigned comparisons teach of each other",
    why: "A signed comparison leaves negative numbers in, unless both ends are checked.",
    fix: "Compare as unsigned, or check s>= 0 too.",
    lesson: lesson("ranges", 10),
    when: |e| e.outside() == Some(Outside::Signed),
    guard: Shape::Offset,
    ..PLAIN
};
