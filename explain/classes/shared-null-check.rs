use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "one NULL check serves all copies of a pointer",
    why: "A check holds for every copy of the same lookup's result, not for the result of another lookup.",
    fix: "Check the result that is used.",
    lesson: lesson("null", 50),
    docs: pages::VALUES,
    guard: Shape::NotNull,
    derivation: Numbers::Null,
    remedy: |_| {
        Some(Remedy {
            c: "one variable for each lookup, and a comparison of each: two lookups of one key are two pointers",
            rust: "if let (Some(a), Some(b)) = (MAP.get(&x), MAP.get(&y))",
            asm: "copies of one r0 share id= in the log; another id= needs a comparison of its own",
        })
    },
    ..PLAIN
};
