//! Preemption is switched on as often as it was off.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "preemption-section",
    place: 1070,
    title: "preemption is not enabled as often as it was disabled",
    cases: &[PREEMPTION_NOT_DISABLED],
};

const PREEMPTION_NOT_DISABLED: Case = Case::new("preemption-not-disabled", Xdp)
    .unmodelled()
    .teaches(
        "Between bpf_preempt_disable and bpf_preempt_enable no other task runs on the \
        processor. It is switched on as many times as it was switched off, on every \
        path: here once too often.",
    )
    .program(|a| {
        a.call_kernel("bpf_preempt_enable");
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(
        EINVAL,
        0,
        "unmatched attempt to enable preemption (kernel function bpf_preempt_enable)",
        1,
    ))
    .except(&[
        (until(5, 10), Message("BPF_CALL uses reserved fields")),
        (only(6, 1), To(refuse(EINVAL, "kernel btf_id 2147418112 is not a function"))),
    ])
    .fault(&[(until(6, 1), "unknown-kfunc")])
    .twin(
        Twin::new("it is switched off before", |a| {
            a.call_kernel("bpf_preempt_disable");
            a.call_kernel("bpf_preempt_enable");
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(4))
        .except(&[
            (until(5, 10), To(reject(EINVAL, 0, "BPF_CALL uses reserved fields", 1))),
            (only(6, 1), To(refuse(EINVAL, "kernel btf_id 2147418112 is not a function"))),
        ])
        .fault(&[(until(6, 1), "unknown-kfunc")]),
    );
