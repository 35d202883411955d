//! What a kernel function gives may be NULL.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "nullable-argument",
    place: 1010,
    title: "an argument may be NULL where it must not be",
    cases: &[TASK_WITHOUT_CHECK],
};

const TASK_WITHOUT_CHECK: Case = Case::new("task-without-check", Xdp)
    .unmodelled()
    .teaches(
        "bpf_task_from_pid gives a task, or NULL if there is none of that number. \
        Kernel functions take no pointer that may be NULL, unless they say so.",
    )
    .program(|a| {
        a.mov(R1, 1);
        a.call_kernel("bpf_task_from_pid");
        a.mov(R1, R0);
        a.call_kernel("bpf_task_release");
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EACCES, 3, "Possibly NULL pointer passed to trusted arg0", 4))
    .except(&[
        (until(5, 10), To(reject(EINVAL, 1, "BPF_CALL uses reserved fields", 2))),
        (only(6, 1), To(refuse(EINVAL, "kernel btf_id 2147418112 is not a function"))),
        (since(7, 2), Message("Possibly NULL pointer passed to trusted R1")),
    ])
    .fault(&[(until(6, 1), "unknown-kfunc")])
    .twin(
        Twin::new("the comparison with NULL", |a| {
            let out = a.label("out");
            a.mov(R1, 1);
            a.call_kernel("bpf_task_from_pid");
            a.goto_if(R0.eq(0), out);
            a.mov(R1, R0);
            a.call_kernel("bpf_task_release");
            a.bind(out);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(9))
        .except(&[
            (until(5, 10), To(reject(EINVAL, 1, "BPF_CALL uses reserved fields", 2))),
            (only(6, 1), To(refuse(EINVAL, "kernel btf_id 2147418112 is not a function"))),
        ])
        .fault(&[(until(6, 1), "unknown-kfunc")]),
    );
