//! A loop without progress.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "infinite-loop",
    place: 680,
    title: "a loop that makes no progress",
    cases: &[LOOP_WITHOUT_PROGRESS, LOOP_WITH_CONSTANT_STATE],
};

const LOOP_WITHOUT_PROGRESS: Case = Case::new("loop-without-progress", Xdp)
    .teaches(
        "The verifier walks loops round by round, and since 5.3 they may end by \
        themselves. When it comes back to an instruction with the same state, the \
        loop can never end. `infinite loop detected` stands a few lines above the \
        end of the log, which in newer kernels shows the current and the old state.",
    )
    .program(|a| {
        let top = a.label_here("top");
        a.mov(R0, 2);
        a.goto(top);
    })
    .expect(reject(EINVAL, 1, "old state: R10=fp0", 11))
    .except(&[
        (until(6, 1), Message("infinite loop detected at insn 0")),
        (between((6, 12), (6, 17)), Message("old state: R0_w=2 R1=ctx() R10=fp0")),
        (between((6, 18), (7, 0)), Message("old state: R0=2 R1=ctx() R10=fp0")),
    ])
    .twin(
        Twin::new("a counter", |a| {
            a.mov(R0, 0);
            let top = a.label_here("top");
            a.add(R0, 1);
            a.goto_if(R0.lt(4), top);
            a.exit();
        })
        .expect(accept(10)),
    );

const LOOP_WITH_CONSTANT_STATE: Case = Case::new("loop-with-constant-state", Xdp)
    .teaches(
        "The condition is a field that never changes, so that the second round starts \
        like the first. A counter with a bound makes the rounds different.",
    )
    .program(|a| {
        a.load(U32, R2, R1 + 16);
        a.mov(R0, 0);
        let top = a.label_here("top");
        a.mov(R3, R2);
        a.goto_if(R3.ne(0), top);
        a.exit();
    })
    .expect(reject(
        EINVAL,
        2,
        "old state: R0=0 R2=scalar(id=2,smin=umin=umin32=1,smax=umax=0xffffffff,\
        var_off=(0x0; 0xffffffff)) R3=Pscalar(id=2,smin=umin=umin32=1,\
        smax=umax=0xffffffff,var_off=(0x0; 0xffffffff)) R10=fp0",
        19,
    ))
    .except(&[
        (until(6, 1), To(reject(EINVAL, 4, "infinite loop detected at insn 2", 12))),
        (
            between((6, 12), (6, 17)),
            To(reject(
                EINVAL,
                3,
                "old state: R0_w=0 R1=ctx() R2_rw=Pscalar(id=1,smin=umin=umin32=1,\
        smax=umax=0xffffffff,var_off=(0x0; 0xffffffff)) R3_w=scalar(id=1,\
        smin=umin=umin32=1,smax=umax=0xffffffff,var_off=(0x0; 0xffffffff)) R10=fp0",
                10,
            )),
        ),
        (
            between((6, 18), (7, 0)),
            To(reject(
                EINVAL,
                3,
                "old state: R0=0 R1=ctx() R2=Pscalar(id=1,smin=umin=umin32=1,\
        smax=umax=0xffffffff,var_off=(0x0; 0xffffffff)) R3=scalar(id=1,\
        smin=umin=umin32=1,smax=umax=0xffffffff,var_off=(0x0; 0xffffffff)) R10=fp0",
                10,
            )),
        ),
    ])
    .twin(
        Twin::new("the value is counted down from a bound", |a| {
            a.load(U32, R2, R1 + 16);
            a.mov(R0, 0);
            a.and(R2, 3);
            let top = a.label_here("top");
            a.add(R0, 1);
            a.goto_if(R0.lt(R2), top);
            a.exit();
        })
        .expect(accept(12)),
    );
