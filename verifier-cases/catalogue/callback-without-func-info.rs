//! Callbacks need BTF of their functions.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "callback-without-func-info",
    place: 850,
    title: "a callback in a program without BTF",
    cases: &[CALLBACK_WITHOUT_BTF],
};

const CALLBACK_WITHOUT_BTF: Case = Case::new("callback-without-btf", Xdp)
    .teaches(
        "The address of a function, for bpf_loop and its like, is refused in a \
        program whose BTF does not describe its functions. Loaders pass func_info \
        along; hand-made programs have to bring it. 5.10 does not know such \
        addresses at all.",
    )
    .program(|a| {
        let each = a.function("each", Linkage::Static, &["index", "context"]);
        a.mov(R1, 4);
        a.load_function(R2, each);
        a.mov(R3, 0);
        a.mov(R4, 0);
        a.call(Helper::Loop);
        a.mov(R0, 2);
        a.exit();
        a.begin(each);
        a.mov(R0, 0);
        a.exit();
    })
    .expect(reject(EINVAL, 1, "missing btf func_info", 2))
    .except(&[(until(5, 10), To(refuse(EINVAL, "unrecognized bpf_ld_imm64 insn")))])
    .twin(
        Twin::new("a call instead of a callback", |a| {
            let each = a.function("each", Linkage::Static, &["index", "context"]);
            a.mov(R1, 4);
            a.mov(R2, 0);
            a.call_function(each);
            a.mov(R0, 2);
            a.exit();
            a.begin(each);
            a.mov(R0, 0);
            a.exit();
        })
        .expect(accept(7)),
    );
