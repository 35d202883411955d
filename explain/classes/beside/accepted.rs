use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the program was accepted",
    why: "The verifier walked all paths and found nothing.",
    fix: "Nothing to do.",
    no_lesson: Some("It's no rejection."),
    blame: Blame::Nobody,
    ..PLAIN
};
