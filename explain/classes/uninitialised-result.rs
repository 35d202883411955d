use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the program ends without a result in r0",
    why: "The value in r0 at exit is the program's result, so it has to be written.",
    fix: "Set r0 before the exit.",
    lesson: lesson("registers", 20),
    docs: pages::MESSAGES,
    when: |e| e.unwritten() == Some(Unwritten::Result),
    remedy: |_| {
        Some(Remedy {
            c: "return 0; on each path: -Wreturn-type warns of one without",
            rust: "a value at the end of each branch; an asm! block must write r0 itself",
            asm: "r0 = 0 before exit, after the last call",
        })
    },
    ..PLAIN
};
