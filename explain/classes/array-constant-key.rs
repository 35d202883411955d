use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a lookup in an array with a constant key in range needs no NULL check",
    why: "From Linux 6.15 on, a lookup in an array with a constant key that is in range can't fail, if the key was written with just the key's width. Older kernels, and other ways of writing the key, leave the result nullable.",
    fix: "Check the result for NULL, which every kernel takes, or write the key as one 4-byte constant and require a newer kernel.",
    lesson: lesson("null", 70),
    docs: pages::ARRAYS,
    when: |e| e.held() == Some(Held::ConstantLookup),
    guard: Shape::NotNull,
    derivation: Numbers::Null,
    remedy: |_| {
        Some(Remedy {
            c: "__u32 key = 0; of just that width, used for this lookup alone; a global variable needs no lookup and no check at all",
            rust: "ARRAY.get(0) gives an Option on every kernel: let Some(value) = ARRAY.get(0) else { return 0 };",
            asm: "one *(u32 *)(r10 -4) = 0 for the key: no 8-byte store, and no second store over it",
        })
    },
    ..PLAIN
};
