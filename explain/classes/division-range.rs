use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the range of a remainder",
    why: "Before Linux 7.0 the verifier learns nothing from `/` and `%`: the result is any number, however small the divisor.",
    fix: "Compare the result with a constant, or use `&` with a power of two less one.",
    lesson: lesson("ranges", 60),
    docs: pages::VALUES,
    when: |e| e.outside() == Some(Outside::Divided),
    guard: Shape::Offset,
    remedy: |_| {
        Some(Remedy {
            c: "i &= SIZE - 1 with SIZE a power of two; after i %= n clang drops if (i >= n), since it knows: barrier_var(i) between the two keeps it",
            rust: "i & (N - 1); after i % n LLVM drops the comparison: aya_ebpf::check_bounds_signed(i as i64, 0, LAST) stays",
            asm: "if r1 > LAST goto out after the division",
        })
    },
    ..PLAIN
};
