//! A kernel function that does not exist.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "unknown-kfunc",
    place: 860,
    title: "a call of a kernel function that does not exist",
    cases: &[KFUNC_WITHOUT_BTF_ID],
};

const KFUNC_WITHOUT_BTF_ID: Case = Case::new("kfunc-without-btf-id", Xdp)
    .teaches(
        "Kernel functions are called by their BTF id, which differs from kernel to \
        kernel: loaders look it up by name. A number that is no function is refused.",
    )
    .program(|a| {
        a.call_kfunc(0x7fff_0000, 0);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(refuse(EINVAL, "kernel btf_id 2147418112 is not a function"))
    .except(&[(until(5, 10), To(reject(EINVAL, 0, "BPF_CALL uses reserved fields", 1)))])
    .twin(
        Twin::new("a helper", |a| {
            a.call(Helper::KtimeGetNs);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(3)),
    );
