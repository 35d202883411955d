use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "loops that end",
    why: "The verifier walks a loop round by round until it ends. Kernels before 5.3, or the instruction `may_goto` before 6.9, don't allow it.",
    fix: "Unroll the loop, or require a kernel that walks loops.",
    lesson: lesson("loops", 10),
    ..PLAIN
};
