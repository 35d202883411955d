use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "bounds of a number that went over the stack",
    why: "A number spilled to the stack keeps its bounds only as long as no other store touches its slot.",
    fix: "Keep the number in r6 to r9, or compare it again after it was filled.",
    lesson: lesson("ranges", 70),
    docs: pages::VALUES,
    when: |e| e.outside() == Some(Outside::Overwritten),
    guard: Shape::Offset,
    remedy: |_| {
        Some(Remedy {
            c: "compare close to the use: with many live variables clang keeps the number on the stack; fewer of them, or i &= N - 1 right before the access",
            rust: "array.get(i) right before the use: with many live variables LLVM keeps the number on the stack",
            asm: "no store to any byte of the slot between spill and fill; both of 8 bytes",
        })
    },
    ..PLAIN
};
