use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a number without any bound is added to a pointer",
    why: "Nothing on this path limits the number, so the sum could be anywhere.",
    fix: "Compare the number with a constant before it is added, as unsigned.",
    lesson: lesson("map-values", 30),
    when: |e| e.outside() == Some(Outside::Unbounded),
    guard: Shape::Offset,
    words: |fault, plain| {
        if !matches!(fault.kind(), Some(Kind::ValueOutOfBounds | Kind::PointerOffset)) {
            return plain;
        }
        Words {
            title: "a number that is too large is added to a pointer",
            why: "Pointers stay less than 2^29 bytes behind their start, and the sum may be farther.",
            ..plain
        }
    },
    ..PLAIN
};
