//! The last instruction goes on to nowhere.

use super::vocabulary::*;

pub(super) const CLASS: Class = Class {
    slug: "falls-off-the-end",
    place: 610,
    title: "the program does not end with exit or a jump",
    cases: &[NO_EXIT, FUNCTION_FALLS_INTO_NEXT],
};

const NO_EXIT: Case = Case::new("no-exit", Xdp)
    .teaches("The last instruction must be an exit or a jump: nothing comes after it.")
    .program(|a| {
        a.mov(R0, 2);
    })
    .expect(refuse(EINVAL, "last insn is not an exit or jmp"))
    .twin(
        Twin::new("an exit", |a| {
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(2)),
    );

const FUNCTION_FALLS_INTO_NEXT: Case = Case::new("function-falls-into-next", Xdp)
    .teaches(
        "The same goes for every function of the program: it must not run into the \
        one after it.",
    )
    .program(|a| {
        let callee = a.function("callee", Linkage::Static, &[]);
        a.call_function(callee);
        a.begin(callee);
        a.mov(R0, 2);
        a.exit();
    })
    .expect(refuse(EINVAL, "last insn is not an exit or jmp"))
    .twin(
        Twin::new("an exit after the call", |a| {
            let callee = a.function("callee", Linkage::Static, &[]);
            a.call_function(callee);
            a.exit();
            a.begin(callee);
            a.mov(R0, 2);
            a.exit();
        })
        .expect(accept(4)),
    );
