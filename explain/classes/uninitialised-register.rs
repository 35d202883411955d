use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a register is read that nothing on this path has written",
    why: "At the start only r1 (the context) and r10 hold something, and every call leaves r1 to r5 without a value.",
    fix: "Write the register first; keep values over calls in r6 to r9 or on the stack.",
    lesson: lesson("registers", 10),
    ..PLAIN
};
