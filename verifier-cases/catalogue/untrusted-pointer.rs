//! A pointer that was read out of a struct of the kernel.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "untrusted-pointer",
    place: 1020,
    title: "the pointer is not trusted here",
    cases: &[CGROUP_READ_FROM_MEMORY],
};

/// Acquires the cgroup in `r1` once more, and gives both back.
#[track_caller]
fn acquired_again(a: &mut Asm, out: Label) {
    let once = a.label("once");
    a.call_kernel("bpf_cgroup_acquire");
    a.goto_if(R0.eq(0), once);
    a.mov(R1, R0);
    a.call_kernel("bpf_cgroup_release");
    a.bind(once);
    a.mov(R1, R6);
    a.call_kernel("bpf_cgroup_release");
    a.bind(out);
    a.mov(R0, 2);
    a.exit();
}

const CGROUP_READ_FROM_MEMORY: Case = Case::new("cgroup-read-from-memory", Xdp)
    .unmodelled()
    .teaches(
        "bpf_cgroup_from_id gives a cgroup that stays until it is given back. What is \
        read out of it, here self.cgroup, its first member, may be gone by now: \
        kernel functions don't trust it.",
    )
    .program(|a| {
        let out = a.label("out");
        a.mov(R1, 1);
        a.call_kernel("bpf_cgroup_from_id");
        a.goto_if(R0.eq(0), out);
        a.mov(R6, R0);
        a.load(U64, R1, R6 + 0);
        acquired_again(a, out);
    })
    .expect(reject(EINVAL, 5, "R1 must be a rcu pointer", 6))
    .except(&[
        (until(5, 10), To(reject(EINVAL, 1, "BPF_CALL uses reserved fields", 2))),
        (only(6, 1), To(refuse(EINVAL, "kernel btf_id 2147418112 is not a function"))),
    ])
    .fault(&[(until(6, 1), "unknown-kfunc")])
    .twin(
        Twin::new("the cgroup itself", |a| {
            let out = a.label("out");
            a.mov(R1, 1);
            a.call_kernel("bpf_cgroup_from_id");
            a.goto_if(R0.eq(0), out);
            a.mov(R6, R0);
            a.mov(R1, R6);
            acquired_again(a, out);
        })
        .expect(accept(16))
        .except(&[
            (until(5, 10), To(reject(EINVAL, 1, "BPF_CALL uses reserved fields", 2))),
            (only(6, 1), To(refuse(EINVAL, "kernel btf_id 2147418112 is not a function"))),
        ])
        .fault(&[(until(6, 1), "unknown-kfunc")]),
    );
