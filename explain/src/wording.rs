//! What is said of a class, by what the log shows.

use crate::analysis::{Fault, bounds, is_outside};
use crate::class::Class;
use knockwright_verifier::message::Kind;

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
        let said = fault.message.as_ref().map(|(_, text)| *text);
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
            Class::Unlisted if fault.kind().is_some_and(is_outside) => Self {
                title: "an access leads out of its memory",
                why: "The log doesn't show what the register points to.",
                fix: "Give the whole log, with its states (log level 1 or 2).",
            },
            Class::StackBounds if leads_above(fault) => Self {
                title: "an access above the stack's frame",
                fix: "Limit the offset, so that the access ends at r10 or before.",
                ..plain
            },
            Class::HelperReadsStack
                if said.is_some_and(|text| text.starts_with("invalid indirect access")) =>
            {
                Self {
                    title: "a helper would use stack beyond the frame",
                    why: "A helper uses as many bytes as its argument says, and all of them must be in the frame.",
                    fix: "Pass a size that ends within the frame.",
                }
            }
            Class::MapValueUnbounded
                if matches!(fault.kind(), Some(Kind::ValueOutOfBounds | Kind::PointerOffset)) =>
            {
                Self {
                    title: "a number that is too large is added to a pointer",
                    why: "Pointers stay less than 2^29 bytes behind their start, and the sum may be farther.",
                    fix: plain.fix,
                }
            }
            Class::MapValueNegativeIndex if !names_map_value(fault) => Self {
                why: "The smallest value that the index can have would lie before what the pointer leads to.",
                ..plain
            },
            Class::CallbackWithoutFuncInfo
                if said.is_some_and(|text| text.starts_with("callback function not static")) =>
            {
                Self {
                    title: "a callback that isn't static",
                    why: "Only static functions are called back, and this one is global by the program's BTF.",
                    fix: "Make the function static, or hide it (`__hidden`).",
                }
            }
            Class::CallbackWithoutFuncInfo
                if said.is_some_and(|text| text.starts_with("number of funcs in func_info")) =>
            {
                Self {
                    title: "the BTF describes another number of functions than the program has",
                    why: "There is a record for each function, and the verifier finds more or fewer functions in the code. Kernels \
                          before 5.13 know no functions that are called back.",
                    fix: "Give the records of this program's functions, or load the program on a kernel that knows callbacks.",
                }
            }
            Class::InfiniteLoop if fault.kind() == Some(Kind::BackEdge) => Self {
                title: "a jump back, where loops aren't allowed",
                why: "The verifier looks for jumps back before it walks the program, and refuses any: loops need Linux 5.3, and \
                      CAP_BPF (up to 5.7 CAP_SYS_ADMIN).",
                fix: "Load the program with the capability, or unroll the loop.",
            },
            Class::PacketUnchecked if !fault.path.is_whole() => Self {
                title: "packet bytes are read that no comparison with data_end in the log covers",
                ..plain
            },
            _ => plain,
        }
    }
}

/// Whether a message about the stack names bytes at r10 or above it.
fn leads_above(fault: &Fault<'_>) -> bool {
    let fields = fault.message.as_ref().map(|(message, _)| &message.fields);
    let number = |name| fields.and_then(|fields| fields.number(name));
    number("off").is_some_and(|off| off.saturating_add(number("size").unwrap_or(1)) > 0)
}

/// Whether a message about a pointer and a number says that it's one to a map value.
fn names_map_value(fault: &Fault<'_>) -> bool {
    let fields = fault.message.as_ref().map(|(message, _)| &message.fields);
    fields.and_then(|fields| fields.text("held")).is_none_or(|named| named.starts_with("map_value"))
}

/// A number with what it counts: `1 byte`, `2 bytes`.
pub(crate) fn counted(count: impl Into<i128>, what: &str) -> String {
    match count.into() {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}
