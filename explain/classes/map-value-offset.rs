use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a constant offset leads out of the map value",
    why: "The offset is known, and offset + size is larger than the value (or the offset is negative).",
    fix: "Correct the offset or the size, or make the map's value larger.",
    lesson: lesson("map-values", 10),
    when: |e| e.outside() == Some(Outside::Offset),
    words: |fault, plain| {
        let sum = fault.register.and_then(|reg| bounds::offset(fault, reg));
        if sum.is_some_and(|sum| sum.origin.is_some()) {
            return plain;
        }
        Words {
            title: "an access leads out of the map value",
            why: "The offset and the size together are larger than the value (or the offset is negative); the log doesn't \
                  show where the offset comes from.",
            ..plain
        }
    },
    ..PLAIN
};
