//! Helpers that ask for a licence.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "gpl-only",
    place: 880,
    title: "a helper for programs with a GPL-compatible licence",
    cases: &[GPL_ONLY_HELPER],
};

const GPL_ONLY_HELPER: Case = Case::new("gpl-only-helper", Xdp)
    .teaches(
        "Some helpers may be called only by programs that declare a GPL-compatible \
        licence. bpf_trace_printk is one; the licence is a string that the loader \
        passes.",
    )
    .program(|a| {
        a.license("Proprietary");
        a.store(U64, R10 - 8, 0);
        a.mov(R1, R10);
        a.add(R1, -8);
        a.mov(R2, 8);
        a.call(Helper::TracePrintk);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EINVAL, 4, "cannot call GPL-restricted function from non-GPL compatible program", 5))
    .twin(
        Twin::new("`Dual MIT/GPL`", |a| {
            a.license("Dual MIT/GPL");
            a.store(U64, R10 - 8, 0);
            a.mov(R1, R10);
            a.add(R1, -8);
            a.mov(R2, 8);
            a.call(Helper::TracePrintk);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(7)),
    );
