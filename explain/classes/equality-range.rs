use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "what a comparison for equality with a variable teaches",
    why: "Where two numbers are equal, each has the narrower range of both; that is still a range, not a constant.",
    fix: "Bound the other number, or this one, by a constant that fits the access.",
    lesson: lesson("ranges", 30),
    docs: pages::VALUES,
    when: |e| e.outside() == Some(Outside::Equal),
    guard: Shape::Offset,
    remedy: |_| {
        Some(Remedy {
            c: "compare with a constant before (if (i >= N) return 0;): after if (i == n) clang uses either of the two",
            rust: "if i >= N { return 0 } before i == n",
            asm: "bounds on both registers, or on the one that is used",
        })
    },
    ..PLAIN
};
