//! Where a program may throw.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "exception",
    place: 1090,
    title: "what is thrown breaks a rule of exceptions",
    cases: &[THROWN_IN_A_CALLBACK],
};

/// The program, which calls `each` once, and the start of `each`.
#[track_caller]
fn called_back(a: &mut Asm) {
    let each = a.function("each", Linkage::Static, &["index", "context"]);
    a.mov(R1, 1);
    a.load_function(R2, each);
    a.mov(R3, 0);
    a.mov(R4, 0);
    a.call(Helper::Loop);
    a.mov(R0, 2);
    a.exit();
    a.begin(each);
}

const THROWN_IN_A_CALLBACK: Case = Case::new("thrown-in-a-callback", Xdp)
    .unmodelled()
    .with_btf()
    .teaches(
        "bpf_throw ends the program at once, from however deep. A function that a \
        helper calls back can't do so: the helper's own work would be left half done.",
    )
    .program(|a| {
        called_back(a);
        a.mov(R1, 0);
        a.call_kernel("bpf_throw");
        a.mov(R0, 0);
        a.exit();
    })
    .expect(reject(EINVAL, 9, "bpf_throw kfunc (insn 9) cannot be called from callback subprog 1", 9))
    .except(&[
        (until(5, 10), To(refuse(EINVAL, "number of funcs in func_info doesn't match number of subprogs"))),
        (only(6, 1), To(refuse(EINVAL, "kernel btf_id 2147418112 is not a function"))),
    ])
    .fault(&[(until(5, 10), "callback-without-func-info"), (only(6, 1), "unknown-kfunc")])
    .twin(
        Twin::new("it returns", |a| {
            called_back(a);
            a.mov(R1, 0);
            a.mov(R0, 0);
            a.exit();
        })
        .expect(accept(11))
        .except(&[
            (
                until(5, 10),
                To(refuse(EINVAL, "number of funcs in func_info doesn't match number of subprogs")),
            ),
            (only(6, 1), Processed(10)),
        ])
        .fault(&[(until(5, 10), "callback-without-func-info")]),
    );
