use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a lookup in an array with a constant key in range needs no NULL check",
    why: "From Linux 6.15 on, a lookup in an array with a constant key that is in range can't fail, if the key was written with just the key's width. Older kernels, and other ways of writing the key, leave the result nullable.",
    fix: "Check the result for NULL, which every kernel takes, or write the key as one 4-byte constant and require a newer kernel.",
    lesson: lesson("null", 70),
    when: |e| e.held() == Some(Held::ConstantLookup),
    guard: Shape::NotNull,
    derivation: Numbers::Null,
    ..PLAIN
};
