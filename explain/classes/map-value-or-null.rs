use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a pointer that may be NULL is used as if it were not",
    why: "A lookup gives NULL if the key isn't there. Until the program has compared the pointer with NULL, it can't be used.",
    fix: "Check the pointer for NULL before its first use.",
    lesson: lesson("null", 10),
    docs: pages::MESSAGES,
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
    remedy: |_| {
        Some(Remedy {
            c: "in the function that uses the pointer: what a __noinline function compared, its caller doesn't know",
            rust: "let Some(value) = MAP.get_ptr_mut(&key) else { return 0 }; and no unwrap(), which leaves a panic in the program",
            asm: "the comparison of r0, or of a copy of it, before anything is added",
        })
    },
    ..PLAIN
};
