//! Loops that end are accepted.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "bounded-loop",
    place: 690,
    title: "loops that end",
    cases: &[LOOP_OF_SIXTEEN, LOOP_OF_SIXTEEN_WITHOUT_PERFMON, MAY_GOTO_LOOP],
};

const LOOP_OF_SIXTEEN: Case = Case::new("loop-of-sixteen", Xdp)
    .teaches(
        "A loop with a constant number of rounds is walked round by round. \
        `processed` shows the price: three instructions for each of the sixteen. \
        Older kernels than 5.3 refused all back edges.",
    )
    .program(|a| {
        a.mov(R1, 0);
        let top = a.label_here("top");
        a.mov(R0, R1);
        a.add(R1, 1);
        a.goto_if(R1.ne(16), top);
        a.exit();
    })
    .expect(accept(50))
    .twin(
        Twin::new("a bound that the counter steps over", |a| {
            a.mov(R1, 1);
            let top = a.label_here("top");
            a.mov(R0, 2);
            a.and(R1, 1);
            a.goto_if(R1.ne(16), top);
            a.exit();
        })
        .expect(reject(EINVAL, 3, "old state: R1=1 R10=fp0", 11))
        .except(&[
            (until(6, 1), Message("infinite loop detected at insn 1")),
            (between((6, 12), (6, 17)), Message("old state: R0_w=2 R1_rw=P1 R10=fp0")),
            (between((6, 18), (7, 0)), Message("old state: R0=2 R1=P1 R10=fp0")),
        ])
        .fault(&[(ALL, "infinite-loop")]),
    );

const LOOP_OF_SIXTEEN_WITHOUT_PERFMON: Case = Case::new("loop-of-sixteen-without-perfmon", Xdp)
    .teaches(
        "Without CAP_PERFMON the verifier also walks what a processor may do by \
        speculation: to go round once more although the counter says stop. On that \
        path nothing is known of the counter, so that the loop has no end: `infinite \
        loop detected`, or from 7.2 on the limit of a million. Unroll short loops, \
        or ask for the capability.",
    )
    .without_perfmon()
    .verdict_only()
    .program(|a| {
        a.mov(R1, 0);
        let top = a.label_here("top");
        moves(a, 1000);
        a.add(R1, 1);
        a.goto_if(R1.ne(16), top);
        a.exit();
    })
    .expect(refuse_silently(EINVAL))
    .except(&[(since(7, 2), Errno(E2BIG))])
    .twin(
        Twin::new("two rounds, unrolled", |a| {
            a.mov(R1, 0);
            moves(a, 1000);
            a.add(R1, 1);
            moves(a, 1000);
            a.add(R1, 1);
            a.exit();
        })
        .expect(accept_silently()),
    );

const MAY_GOTO_LOOP: Case = Case::new("may-goto-loop", Xdp)
    .teaches(
        "`may_goto` (6.9) leaves a loop by itself after eight million rounds, so the \
        verifier need not see an end. Older kernels do not know the instruction. \
        Such loops are written `cond_break` in C.",
    )
    .program(|a| {
        let out = a.label("out");
        a.mov(R0, 2);
        let top = a.label_here("top");
        a.may_goto(out);
        a.goto(top);
        a.bind(out);
        a.exit();
    })
    .expect(accept(5))
    .except(&[(until(6, 1), To(refuse(EINVAL, "unknown opcode e5")))])
    .fault(&[(until(6, 1), "unknown-opcode")])
    .twin(
        Twin::new("without may_goto", |a| {
            let out = a.label("out");
            a.mov(R0, 2);
            let top = a.label_here("top");
            a.goto_if(R0.eq(3), out);
            a.goto(top);
            a.bind(out);
            a.exit();
        })
        .expect(reject(EINVAL, 2, "old state: R10=fp0", 10))
        .except(&[
            (until(6, 1), Message("infinite loop detected at insn 1")),
            (between((6, 12), (6, 17)), Message("old state: R0_rw=P2 R1=ctx() R10=fp0")),
            (between((6, 18), (7, 0)), Message("old state: R0=P2 R1=ctx() R10=fp0")),
        ])
        .fault(&[(ALL, "infinite-loop")]),
    );
