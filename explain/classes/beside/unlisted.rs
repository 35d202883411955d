use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a rejection that the catalogue has no case of",
    why: "The message is one of the verifier's, but no class of the catalogue covers it.",
    fix: "Read the message and the instruction it stands after.",
    words: |fault, plain| {
        if !fault.kind().is_some_and(is_outside) {
            return plain;
        }
        Words {
            title: "an access leads out of its memory",
            why: "The log doesn't show what the register points to.",
            fix: "Give the whole log, with its states (log level 1 or 2).",
        }
    },
    ..PLAIN
};
