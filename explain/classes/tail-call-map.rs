use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a tail call without a program array",
    why: "bpf_tail_call takes a map of type prog_array.",
    fix: "Pass a prog_array map.",
    lesson: lesson("helpers", 30),
    ..PLAIN
};
