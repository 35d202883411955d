use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the index may be negative",
    why: "The smallest value that the index can have would lie before the map value.",
    fix: "Compare as unsigned, or check for >= 0 too.",
    lesson: lesson("map-values", 40),
    docs: pages::VALUES,
    when: |e| e.outside() == Some(Outside::Negative),
    guard: Shape::Offset,
    words: |fault, plain| {
        // Unless the message says that it's another pointer.
        let held = fault.message.as_ref().and_then(|(message, _)| message.fields.text("held"));
        if held.is_none_or(|held| held.starts_with("map_value")) {
            return plain;
        }
        Words {
            why: "The smallest value that the index can have would lie before what the pointer leads to.",
            ..plain
        }
    },
    remedy: |_| {
        Some(Remedy {
            c: "an unsigned type (__u32, size_t) from where the number comes from: a cast after a signed comparison is too late",
            rust: "usize by u32::try_from(i) or `as u32 as usize` before the comparison",
            asm: "if r1 > LAST goto out in place of s>: one comparison for both ends",
        })
    },
    ..PLAIN
};
