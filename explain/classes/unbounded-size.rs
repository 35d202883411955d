use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a size argument has no upper bound",
    why: "The memory that is passed must be as large as the largest size that the argument can have.",
    fix: "Compare the size with the memory's size, as unsigned, before the call.",
    lesson: lesson("helpers", 40),
    docs: pages::HELPERS,
    when: |e| e.outside() == Some(Outside::UnboundedSize),
    guard: Shape::Size(SizeFault::Unbounded),
    derivation: Numbers::Size,
    remedy: |_| {
        Some(Remedy {
            c: "if (n > sizeof(buffer)) n = sizeof(buffer); on one __u64 n; barrier_var(n) before it, if clang compares another copy than it passes",
            rust: "let n = n.min(buffer.len()); and &buffer[..n] by get(..n), in usize from the start",
            asm: "the comparison on the register of the argument itself, after its last change",
        })
    },
    ..PLAIN
};
