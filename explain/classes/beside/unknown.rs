use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a message that is not known here",
    why: "The log ends with a text that is none of the messages known here.",
    fix: "Read the message and the instruction it stands after.",
    no_lesson: Some("It's what is said of messages that have no class."),
    blame: Blame::Unknown,
    words: |fault, plain| {
        let log = fault.path.reading;
        if !log.messages.is_empty() {
            return plain;
        }
        if log.ends_as_accepted() {
            return Words {
                title: "the verifier accepted the program, and it was refused after that",
                why: "The log ends as that of an accepted program, and the loader reports an error: the JIT compiler, the kernel's \
                      later checks or the loader itself refused it.",
                fix: "Look at what the loader and the kernel's own log (dmesg) say; error 524 is mostly the JIT compiler's.",
            };
        }
        Words {
            title: "the log doesn't say why",
            why: "The log has no message at its end, and doesn't end as that of an accepted program.",
            fix: "Give the whole log, with its last lines.",
        }
    },
    ..PLAIN
};
