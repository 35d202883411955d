use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a function returns a pointer to its own stack",
    why: "The frame is gone when the function has returned.",
    fix: "Let the caller pass a pointer to its own stack.",
    lesson: lesson("stack", 80),
    docs: pages::VERIFIER,
    remedy: |_| {
        Some(Remedy {
            c: "static void fill(struct s *out), called with the address of the caller's variable",
            rust: "fn fill(out: &mut S); or #[inline(always)] and the value itself",
            asm: "r1 = r10; r1 += -16 in the caller, stores through r1 in the callee",
        })
    },
    ..PLAIN
};
