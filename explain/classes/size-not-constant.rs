use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an argument must be a constant",
    why: "The helper's result depends on this argument, so the verifier has to know it: one constant, not a range.",
    fix: "Pass a constant, one for each case if need be.",
    lesson: lesson("helpers", 70),
    ..PLAIN
};
