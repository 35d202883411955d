use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "arithmetic on a pointer that may be NULL",
    why: "NULL plus an offset would no longer compare equal to NULL, so the check has to come first.",
    fix: "Check the pointer for NULL right after the lookup, before anything is added to it.",
    lesson: lesson("null", 30),
    docs: pages::MESSAGES,
    guard: Shape::NotNull,
    derivation: Numbers::Null,
    remedy: |_| {
        Some(Remedy {
            c: "clang moves v->member above the check where it is a mere address: barrier_var(v) after if (!v) return 0;",
            rust: "let Some(value) = MAP.get_ptr(&key) else { return 0 }; and unsafe { value.add(i) } on what is inside",
            asm: "the comparison right after the call; the addition on the path that falls through",
        })
    },
    ..PLAIN
};
