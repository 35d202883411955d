//! An iterator has a beginning and an end.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "iterator-state",
    place: 1040,
    title: "an iterator is used out of order",
    cases: &[ITERATOR_NEVER_MADE],
};

/// Calls a kernel function with the iterator at fp-8.
#[track_caller]
fn with_iterator(a: &mut Asm, name: &str) {
    a.mov(R1, R10);
    a.add(R1, -8);
    a.call_kernel(name);
}

const ITERATOR_NEVER_MADE: Case = Case::new("iterator-never-made", Xdp)
    .unmodelled()
    .teaches(
        "An iterator lives on the stack: its `new` makes it, `next` asks it, and \
        `destroy` ends it. Here nothing has made one of the bytes that `next` gets.",
    )
    .program(|a| {
        with_iterator(a, "bpf_iter_num_next");
        with_iterator(a, "bpf_iter_num_destroy");
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(EINVAL, 2, "expected an initialized iter_num as arg #0", 3))
    .except(&[
        (until(5, 10), Message("BPF_CALL uses reserved fields")),
        (only(6, 1), To(refuse(EINVAL, "kernel btf_id 2147418112 is not a function"))),
        (since(7, 2), Message("expected an initialized iter_num as R1")),
    ])
    .fault(&[(until(6, 1), "unknown-kfunc")])
    .twin(
        Twin::new("bpf_iter_num_new makes it before", |a| {
            a.mov(R2, 0);
            a.mov(R3, 3);
            with_iterator(a, "bpf_iter_num_new");
            with_iterator(a, "bpf_iter_num_next");
            with_iterator(a, "bpf_iter_num_destroy");
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(18))
        .except(&[
            (until(5, 10), To(reject(EINVAL, 4, "BPF_CALL uses reserved fields", 5))),
            (only(6, 1), To(refuse(EINVAL, "kernel btf_id 2147418112 is not a function"))),
        ])
        .fault(&[(until(6, 1), "unknown-kfunc")]),
    );
