use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the largest possible offset lies behind the map value",
    why: "The access is only allowed if its last byte lies in the value for every number that the index can be, as far as the verifier knows.",
    fix: "Compare the index with a constant that keeps the whole access inside.",
    lesson: lesson("map-values", 20),
    when: |e| e.outside() == Some(Outside::Max),
    guard: Shape::Offset,
    ..PLAIN
};
