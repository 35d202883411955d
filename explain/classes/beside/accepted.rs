use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the program was accepted",
    why: "The verifier walked all paths and found nothing.",
    fix: "Nothing to do.",
    blame: Blame::Nobody,
    ..PLAIN
};
