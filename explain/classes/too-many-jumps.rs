use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "more branches wait to be walked than the verifier keeps",
    why: "The verifier remembers at most 8192 branches that it still has to walk.",
    fix: "Split the sequence of conditions into functions or programs.",
    blame: Blame::Limit,
    lesson: lesson("loops", 40),
    ..PLAIN
};
