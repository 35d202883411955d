//! An instruction that no path leads to.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "unreachable-instruction",
    place: 590,
    title: "no path leads to an instruction",
    cases: &[CODE_BEHIND_EXIT],
};

const CODE_BEHIND_EXIT: Case = Case::new("code-behind-exit", Xdp)
    .teaches(
        "Code that the control flow graph cannot reach is refused before anything is \
        walked: the message has the first such instruction, and the log no others. A \
        branch that is never taken does count as a path.",
    )
    .program(|a| {
        a.mov(R0, 2);
        a.exit();
        a.mov(R0, 1);
        a.exit();
    })
    .expect(refuse(EINVAL, "unreachable insn 2"))
    .twin(
        Twin::new("a branch leads there", |a| {
            let other = a.label("other");
            a.mov(R0, 2);
            a.goto_if(R0.eq(1), other);
            a.exit();
            a.bind(other);
            a.mov(R0, 1);
            a.exit();
        })
        .expect(accept(3)),
    );
