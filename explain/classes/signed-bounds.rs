use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "what signed and unsigned comparisons teach of each other",
    why: "A signed comparison leaves negative numbers in, unless both ends are checked.",
    fix: "Compare as unsigned, or check s>= 0 too.",
    lesson: lesson("ranges", 10),
    docs: pages::VALUES,
    when: |e| e.outside() == Some(Outside::Signed),
    guard: Shape::Offset,
    remedy: |_| {
        Some(Remedy {
            c: "an unsigned type for the index, so that the one comparison is unsigned; (unsigned)i >= N covers both ends of an int",
            rust: "usize or u32; for i64 aya_ebpf::check_bounds_signed(i, 0, LAST) has both ends",
            asm: "if r1 > LAST goto out (unsigned) in place of s>",
        })
    },
    ..PLAIN
};
