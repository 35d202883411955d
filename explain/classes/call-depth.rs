use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "too many calls inside each other",
    why: "The verifier follows at most eight frames (sixteen from Linux 7.2 on), and every frame has its own stack.",
    fix: "Merge functions, or continue in another program by a tail call.",
    blame: Blame::Limit,
    lesson: lesson("loops", 50),
    ..PLAIN
};
