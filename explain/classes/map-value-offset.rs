use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a constant offset leads out of the map value",
    why: "The offset is known, and offset + size is larger than the value (or the offset is negative).",
    fix: "Correct the offset or the size, or make the map's value larger.",
    lesson: lesson("map-values", 10),
    docs: pages::VALUES,
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
    remedy: |_| {
        Some(Remedy {
            c: "__type(value, struct s) with the struct that the program reads, in both places the same header",
            rust: "HashMap<K, S> with the S that is read: no cast::<Other>() of get_ptr()",
            asm: "offset + size of the load at most the value's size in .map",
        })
    },
    ..PLAIN
};
