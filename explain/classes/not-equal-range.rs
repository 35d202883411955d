use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "what != at the edge of a range teaches",
    why: "A number up to 16 that isn't 16 is at most 15; kernels before 6.8 don't draw that conclusion, and no kernel does in the middle of a range.",
    fix: "Compare with < or >, which every kernel learns from.",
    blame: Blame::Kernel,
    lesson: lesson("ranges", 40),
    docs: pages::VALUES,
    when: |e| e.outside() == Some(Outside::NotEqual),
    guard: Shape::Offset,
    remedy: |_| {
        Some(Remedy {
            c: "i < N in place of i != N as the condition of loops; barrier_var(i) before it, if clang turns it back",
            rust: "for i in 0..N or while i < n in place of i != n",
            asm: "if r1 >= 16 goto out in place of if r1 == 16 goto out",
        })
    },
    ..PLAIN
};
