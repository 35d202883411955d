use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a number without any bound is added to a pointer",
    why: "Nothing on this path limits the number, so the sum could be anywhere.",
    fix: "Compare the number with a constant before it is added, as unsigned.",
    lesson: lesson("map-values", 30),
    docs: pages::VALUES,
    when: |e| e.outside() == Some(Outside::Unbounded),
    guard: Shape::Offset,
    words: |fault, plain| {
        if !matches!(fault.kind(), Some(Kind::ValueOutOfBounds | Kind::PointerOffset)) {
            return plain;
        }
        Words {
            title: "a number that is too large is added to a pointer",
            why: "Pointers stay less than 2^29 bytes behind their start, and the sum may be farther.",
            ..plain
        }
    },
    remedy: |_| {
        Some(Remedy {
            c: "if (i >= N) return 0; on a __u64 or size_t, once, before the addition; barrier_var(i) before it if clang drops it",
            rust: "array.get(i), or i & (N - 1) for a power of two",
            asm: "r1 &= 15 where the number of elements is a power of two",
        })
    },
    ..PLAIN
};
