//! What is said of a class, by what the log shows.

use crate::analysis::{Fault, bounds};
use crate::class::Class;
use crate::message::Kind;

/// What is said of a class. Where the log leaves open what the class's own words would claim, others stand for them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    pub(crate) title: &'static str,
    pub(crate) why: &'static str,
    pub(crate) fix: &'static str,
}

impl Words {
    pub(crate) fn of(fault: &Fault<'_>, class: Class) -> Self {
        let log = fault.path.reading;
        let plain = Self { title: class.title(), why: class.why(), fix: class.fix() };
        match class {
            Class::Unknown if !log.messages.is_empty() => plain,
            Class::Unknown if log.ends_as_accepted() => Self {
                title: "the verifier accepted the program, and it was refused after that",
                why: "The log ends as that of an accepted program, and the loader reports an error: the JIT compiler, the kernel's \
                      later checks or the loader itself refused it.",
                fix: "Look at what the loader and the kernel's own log (dmesg) say; error 524 is mostly the JIT compiler's.",
            },
            Class::Unknown => Self {
                title: "the log doesn't say why",
                why: "The log has no message at its end, and doesn't end as that of an accepted program.",
                fix: "Give the whole log, with its last lines.",
            },
            Class::MapValueOffset
                if fault
                    .register
                    .and_then(|reg| bounds::offset(fault, reg))
                    .is_none_or(|sum| sum.origin.is_none()) =>
            {
                Self {
                    title: "an access leads out of the map value",
                    why: "The offset and the size together are larger than the value (or the offset is negative); the log doesn't \
                          show where the offset comes from.",
                    fix: plain.fix,
                }
            }
            Class::Unlisted if fault.kind().is_some_and(Kind::is_outside) => Self {
                title: "an access leads out of its memory",
                why: "The log doesn't show what the register points to.",
                fix: "Give the whole log, with its states (log level 1 or 2).",
            },
            Class::PacketUnchecked if !fault.path.is_whole() => Self {
                title: "packet bytes are read that no comparison with data_end in the log covers",
                ..plain
            },
            _ => plain,
        }
    }
}

/// A number with what it counts: `1 byte`, `2 bytes`.
pub(crate) fn counted(count: impl Into<i128>, what: &str) -> String {
    match count.into() {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}
