use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the program ends without a result in r0",
    why: "The value in r0 at exit is the program's result, so it has to be written.",
    fix: "Set r0 before the exit.",
    lesson: lesson("registers", 20),
    when: |e| e.unwritten() == Some(Unwritten::Result),
    ..PLAIN
};
