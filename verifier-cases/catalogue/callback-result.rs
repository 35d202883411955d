//! What a callback may return.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "callback-result",
    place: 990,
    title: "a callback returns what its caller does not take",
    cases: &[LOOP_CALLBACK_RESULT],
};

const LOOP_CALLBACK_RESULT: Case = Case::new("loop-callback-result", Xdp)
    .teaches(
        "bpf_loop goes on for 0 and stops for 1, and the callback may return nothing \
        else. The verifier walks the callback's body and checks its exit like that \
        of a program. bpf_loop came with 5.17.",
    )
    .with_btf()
    .program(|a| {
        let each = a.function("each", Linkage::Static, &["index", "context"]);
        a.mov(R1, 1 << 20);
        a.load_function(R2, each);
        a.mov(R3, 0);
        a.mov(R4, 0);
        a.call(Helper::Loop);
        a.mov(R0, 2);
        a.exit();
        a.begin(each);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(reject(
        EINVAL,
        9,
        "At callback return the register R0 has smin=2 smax=2 should have been in [0, 1]",
        9,
    ))
    .except(&[
        (until(5, 10), To(refuse(EINVAL, "number of funcs in func_info doesn't match number of subprogs"))),
        (
            only(6, 1),
            To(reject(
                EINVAL,
                9,
                "At callback return the register R0 has value (0x2; 0x0) should have been in \
        (0x0; 0x1)",
                7,
            )),
        ),
    ])
    .fault(&[(until(5, 10), "callback-without-func-info")])
    .twin(
        Twin::new("it returns 0", |a| {
            let each = a.function("each", Linkage::Static, &["index", "context"]);
            a.mov(R1, 1 << 20);
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
        .expect(accept(10))
        .except(&[
            (
                until(5, 10),
                To(refuse(EINVAL, "number of funcs in func_info doesn't match number of subprogs")),
            ),
            (only(6, 1), Processed(9)),
        ])
        .fault(&[(until(5, 10), "callback-without-func-info")]),
    );
