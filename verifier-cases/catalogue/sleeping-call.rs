//! Nothing sleeps in a read section.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "sleeping-call",
    place: 1060,
    title: "something that may sleep is called where nothing may",
    cases: &[COPY_IN_READ_SECTION],
};

/// `bpf_copy_from_user(fp-8, 8, NULL)`: may wait for a page.
#[track_caller]
fn copy_from_user(a: &mut Asm) {
    a.mov(R1, R10);
    a.add(R1, -8);
    a.mov(R2, 8);
    a.mov(R3, 0);
    a.call(Helper::CopyFromUser);
}

const COPY_IN_READ_SECTION: Case = Case::new("copy-in-read-section", Kprobe)
    .unmodelled()
    .with_flags(BPF_F_SLEEPABLE)
    .teaches(
        "bpf_copy_from_user may wait until the page is there, which only sleepable \
        programs may do, and they only outside of read sections.",
    )
    .program(|a| {
        a.call_kernel("bpf_rcu_read_lock");
        copy_from_user(a);
        a.call_kernel("bpf_rcu_read_unlock");
        a.mov(R0, 0);
        a.exit();
    })
    .expect(reject(EINVAL, 5, "sleepable helper bpf_copy_from_user#148 in rcu_read_lock region", 6))
    .except(&[
        (until(5, 10), To(refuse(EINVAL, "Only fentry/fexit/fmod_ret and lsm programs can be sleepable"))),
        (only(6, 1), To(refuse(EINVAL, "kernel btf_id 2147418112 is not a function"))),
    ])
    .fault(&[(until(5, 10), "program-type-rules"), (only(6, 1), "unknown-kfunc")])
    .twin(
        Twin::new("the copy after the section", |a| {
            a.call_kernel("bpf_rcu_read_lock");
            a.call_kernel("bpf_rcu_read_unlock");
            copy_from_user(a);
            a.mov(R0, 0);
            a.exit();
        })
        .expect(accept(9))
        .except(&[
            (
                until(5, 10),
                To(refuse(EINVAL, "Only fentry/fexit/fmod_ret and lsm programs can be sleepable")),
            ),
            (only(6, 1), To(refuse(EINVAL, "kernel btf_id 2147418112 is not a function"))),
        ])
        .fault(&[(until(5, 10), "program-type-rules"), (only(6, 1), "unknown-kfunc")]),
    );
