//! A read section has to be left.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "rcu-section",
    place: 1050,
    title: "a read section (RCU) is needed, or is not ended evenly",
    cases: &[RCU_SECTION_NOT_LEFT],
};

const RCU_SECTION_NOT_LEFT: Case = Case::new("rcu-section-not-left", Xdp)
    .unmodelled()
    .teaches(
        "Between bpf_rcu_read_lock and bpf_rcu_read_unlock the kernel frees nothing \
        that the program looks at. It has to be left on every path to the exit.",
    )
    .program(|a| {
        a.call_kernel("bpf_rcu_read_lock");
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(
        EINVAL,
        2,
        "BPF_EXIT instruction in main prog cannot be used inside bpf_rcu_read_lock-ed region",
        3,
    ))
    .except(&[
        (until(5, 10), To(reject(EINVAL, 0, "BPF_CALL uses reserved fields", 1))),
        (only(6, 1), To(refuse(EINVAL, "kernel btf_id 2147418112 is not a function"))),
        (only(6, 12), Message("bpf_rcu_read_unlock is missing")),
    ])
    .fault(&[(until(6, 1), "unknown-kfunc")])
    .twin(
        Twin::new("it is left before the exit", |a| {
            a.call_kernel("bpf_rcu_read_lock");
            a.call_kernel("bpf_rcu_read_unlock");
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
