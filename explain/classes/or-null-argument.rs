use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a pointer that may be NULL is passed to a helper",
    why: "The helper wants memory, and the pointer may be NULL.",
    fix: "Check the pointer for NULL before the call.",
    lesson: lesson("null", 40),
    docs: pages::HELPERS,
    when: |e| e.is(&[Kind::ArgumentType]) && e.text("held").is_some_and(|held| held.ends_with("_or_null")),
    guard: Shape::NotNull,
    derivation: Numbers::Null,
    remedy: |_| {
        Some(Remedy {
            c: "helpers take NULL only where their description says so; to leave an optional buffer out, write NULL and 0 themselves",
            rust: "let Some(value) = MAP.get(&key) else { return 0 }; then the reference, not the Option, as argument",
            asm: "the comparison before the pointer goes to its argument's register, or of that register",
        })
    },
    ..PLAIN
};
