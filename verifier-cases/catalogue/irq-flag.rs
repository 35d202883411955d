//! Interrupts are switched on again by what was saved.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "irq-flag",
    place: 1080,
    title: "the saved state of interrupts is used out of order, or not given back",
    cases: &[IRQ_NEVER_SAVED],
};

/// Calls a kernel function with the flags at fp-8.
#[track_caller]
fn with_flags(a: &mut Asm, name: &str) {
    a.mov(R1, R10);
    a.add(R1, -8);
    a.call_kernel(name);
}

const IRQ_NEVER_SAVED: Case = Case::new("irq-never-saved", Xdp)
    .unmodelled()
    .teaches(
        "bpf_local_irq_save switches interrupts off and keeps on the stack how they \
        were; bpf_local_irq_restore takes just that. Bytes that no save has written \
        are no flags.",
    )
    .program(|a| {
        with_flags(a, "bpf_local_irq_restore");
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EINVAL, 2, "expected an initialized irq flag as arg#0", 3))
    .except(&[
        (until(5, 10), Message("BPF_CALL uses reserved fields")),
        (between((6, 1), (6, 12)), To(refuse(EINVAL, "kernel btf_id 2147418112 is not a function"))),
        (since(7, 2), Message("expected an initialized irq flag as R1")),
    ])
    .fault(&[(until(6, 12), "unknown-kfunc")])
    .twin(
        Twin::new("they are saved before", |a| {
            with_flags(a, "bpf_local_irq_save");
            with_flags(a, "bpf_local_irq_restore");
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(8))
        .except(&[
            (until(5, 10), To(reject(EINVAL, 2, "BPF_CALL uses reserved fields", 3))),
            (between((6, 1), (6, 12)), To(refuse(EINVAL, "kernel btf_id 2147418112 is not a function"))),
        ])
        .fault(&[(until(6, 12), "unknown-kfunc")]),
    );
