use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a size argument may be zero",
    why: "The helper wants at least one byte.",
    fix: "Check the size for zero before the call.",
    lesson: lesson("helpers", 60),
    docs: pages::HELPERS,
    when: |e| e.outside() == Some(Outside::ZeroSize),
    guard: Shape::Size(SizeFault::Zero),
    derivation: Numbers::Size,
    remedy: |_| {
        Some(Remedy {
            c: "if (n == 0 || n > sizeof(buffer)) return 0; clang may merge the two into n - 1 >= sizeof(buffer), which teaches nothing of n: barrier_var(n) between",
            rust: "if n == 0 { return 0 } on the number that is passed; NonZeroUsize loses its knowledge in LLVM",
            asm: "if r2 == 0 goto out, on the register of the argument",
        })
    },
    ..PLAIN
};
