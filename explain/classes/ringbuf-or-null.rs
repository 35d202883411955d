use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a reserved ring buffer record is used without a NULL check",
    why: "The reservation fails when the ring buffer is full, and gives NULL.",
    fix: "Check the record for NULL before its first use.",
    lesson: lesson("null", 60),
    when: |e| e.held() == Some(Held::RecordOrNull),
    guard: Shape::NotNull,
    derivation: Numbers::Null,
    ..PLAIN
};
