use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a pointer that may be NULL is used as if it were not",
    why: "A lookup gives NULL if the key isn't there. Until the program has compared the pointer with NULL, it can't be used.",
    fix: "Check the pointer for NULL before its first use.",
    lesson: lesson("null", 10),
    when: |e| e.held() == Some(Held::MapValueOrNull),
    guard: Shape::NotNull,
    derivation: Numbers::Null,
    words: |fault, plain| {
        let held = fault.message.as_ref().and_then(|(message, _)| message.fields.text("held"));
        if held.is_none_or(|held| held.ends_with("map_value_or_null")) {
            return plain;
        }
        Words {
            why: "What gives the pointer may give NULL. Until the program has compared the pointer with NULL, it can't be used.",
            ..plain
        }
    },
    ..PLAIN
};
