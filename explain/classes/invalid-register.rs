use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an instruction names a register that does not exist",
    why: "There are r0 to r10; the encoding has room for 16.",
    fix: "Use an existing register.",
    lesson: lesson("registers", 60),
    ..PLAIN
};
