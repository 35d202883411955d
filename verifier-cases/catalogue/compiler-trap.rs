//! A trap that the compiler left.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "compiler-trap",
    place: 1120,
    title: "the compiler left a trap where the source is undefined",
    cases: &[TRAP_REACHED],
};

const TRAP_REACHED: Case = Case::new("trap-reached", Xdp)
    .unmodelled()
    .teaches(
        "Where C's rules give a path no meaning, clang since 21 puts a call of \
        __bpf_trap. The verifier says so when it comes there. The mistake is in the \
        source: a variable without a value, an index beyond the array.",
    )
    .program(|a| {
        a.call_kernel("__bpf_trap");
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EFAULT, 0, "unexpected __bpf_trap() due to uninitialized variable?", 1))
    .except(&[
        (until(5, 10), To(reject(EINVAL, 0, "BPF_CALL uses reserved fields", 1))),
        (between((6, 1), (6, 12)), To(refuse(EINVAL, "kernel btf_id 2147418112 is not a function"))),
    ])
    .fault(&[(until(6, 12), "unknown-kfunc")])
    .twin(
        Twin::new("the path has a meaning", |a| {
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(2)),
    );
