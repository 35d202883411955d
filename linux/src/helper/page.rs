//! The reference page of all helpers.

use std::fmt::Write as _;

use super::callers::{MAP_SETS, RECORDED, SETS, V5_10};
use super::{Argument, Callers, CallsBack, Helper, Prototype, Returns, Signature};
use crate::{MapTypes, ProgTypes};

/// The page `docs/helpers.md`: the helpers by number, each with what it takes, gives and does, and who may call it since when.
pub fn page() -> String {
    let mut out = String::from(HEAD);
    for (name, types) in SETS {
        let _ = writeln!(out, "| {name} | {types} |");
    }
    for (name, maps) in MAP_SETS {
        let _ = writeln!(out, "| {name} | all but {} |", MapTypes::ALL.without(*maps));
    }
    let _ = write!(out, "\n{}", missing());
    out.push_str(TABLE_HEAD);
    for &helper in Helper::ALL.iter().skip(1) {
        for (index, prototype) in helper.prototypes().iter().enumerate() {
            let who = if index == 0 { who(helper.callers()) } else { String::new() };
            let _ = writeln!(
                out,
                "| {} | `{}` | {} | {} | {who} |",
                helper as i32,
                helper.name(),
                signature(prototype),
                notes(prototype),
            );
        }
    }
    out
}

const HEAD: &str = "\
# Helpers

Made from the rows in `linux/src/helper/` by `knockwright_linux::helper::page`; `cargo test` compares. Who may call a helper is
tested against the answers of eleven kernels, from 5.10.262 to 7.3.4, to a call of each number by each program type
(`linux/tests/data/helpers.tsv`).

A version is that of a series: *6.12* is what its newest stable release does. 5.10 is the oldest that was asked and stands for
all before it, so that no version means 5.10 or older. Where a change came between two kernels that were asked, the version is
the one that brought it upstream, as far as that is known here, and else the later of the two. A program of a type that came later
than the version has the helper from its own start. Types that can be attached to several things are asked with the usual one.

*perfmon*: only if the loader has CAP_PERFMON. *GPL*: only under a licence that is compatible with the GPL. What a helper takes is
written down for those that the user-space verifier models; for others there is the number of arguments, where it is known.

| program types and maps | |
|---|---|
";

const TABLE_HEAD: &str = "
| number | name | takes → gives | | program types |
|---|---|---|---|---|
";

/// The program types that no kernel was asked about.
fn missing() -> String {
    let missing = ProgTypes::ALL.without(RECORDED);
    if missing.is_empty() {
        return String::new();
    }
    format!("Not recorded: {missing}.\n")
}

fn signature(prototype: &Prototype) -> String {
    match prototype.signature {
        Signature::Known { arguments, returns } => {
            let arguments: Vec<String> = arguments.iter().map(|&argument| takes(argument)).collect();
            let arguments = if arguments.is_empty() { "nothing".to_owned() } else { arguments.join(", ") };
            format!("{arguments} → {}", gives(returns))
        }
        Signature::Outline { count: Some(count), .. } => format!("{count} not described"),
        Signature::Outline { count: None, .. } => "not described".to_owned(),
    }
}

fn takes(argument: Argument) -> String {
    match argument {
        Argument::Anything => "number",
        Argument::Ctx => "context",
        Argument::Map => "map",
        Argument::Key => "key",
        Argument::MapValue => "value",
        Argument::ValueOut => "value out",
        Argument::MemIn => "memory",
        Argument::MemInOrNull => "memory or NULL",
        Argument::MemOut => "memory out",
        Argument::MemInOut => "memory in and out",
        Argument::FixedInOut(size) => return format!("{size} bytes in and out"),
        Argument::FixedOut(size) => return format!("{size} bytes out"),
        Argument::Size => "size",
        Argument::SizeOrZero => "size or 0",
        Argument::AllocSize => "constant size",
        Argument::RingbufRecord => "record",
        Argument::SocketGivenUp => "socket",
        Argument::Rounds => "rounds",
        Argument::Callback => "function",
        Argument::StackOrNull => "stack or NULL",
        Argument::SpinLock => "spin lock",
    }
    .to_owned()
}

fn gives(returns: Returns) -> &'static str {
    match returns {
        Returns::Integer => "number",
        Returns::Processor => "processor",
        Returns::Void => "nothing",
        Returns::MapValueOrNull => "map value or NULL",
        Returns::RecordOrNull => "record or NULL, to be given back",
        Returns::SocketOrNull | Returns::SockCommonOrNull => "socket or NULL, to be given back",
    }
}

/// Licence, effects and maps.
fn notes(prototype: &Prototype) -> String {
    let mut notes = Vec::new();
    if prototype.programs != ProgTypes::ALL {
        notes.push(format!("in {}", named(prototype.programs)));
    }
    let effects = [
        (prototype.gpl_only, "GPL"),
        (prototype.reads_packet, "takes packet pointers"),
        (prototype.moves_packet, "moves the packet"),
        (prototype.releases, "gives up what it takes"),
    ];
    notes.extend(effects.into_iter().filter(|(has, _)| *has).map(|(_, text)| text.to_owned()));
    notes.extend(prototype.calls_back.map(|how| calls(how).to_owned()));
    if !prototype.maps.is_empty() {
        notes.push(maps(prototype.maps));
    }
    notes.join("; ")
}

fn calls(how: CallsBack) -> &'static str {
    match how {
        CallsBack::Rounds => "calls back each round",
        CallsBack::Elements => "calls back for each element",
        CallsBack::Area => "calls back for an area of memory",
        CallsBack::Records => "calls back for each record",
    }
}

/// Map types by the name of their set, or by their own.
fn maps(maps: MapTypes) -> String {
    let set = MAP_SETS.iter().find(|(_, set)| *set == maps);
    set.map_or_else(|| format!("maps {maps}"), |(name, _)| (*name).to_owned())
}

fn who(callers: &[Callers]) -> String {
    if callers.is_empty() {
        return "none".to_owned();
    }
    callers.iter().map(caller).collect::<Vec<_>>().join("; ")
}

fn caller(callers: &Callers) -> String {
    let mut text = named(callers.programs);
    if callers.since != V5_10 {
        let _ = write!(text, " {}", callers.since);
    }
    if let Some(until) = callers.until {
        let _ = write!(text, " before {until}");
    }
    if !callers.lost.is_empty() {
        let lost: Vec<String> = callers.lost.iter().map(ToString::to_string).collect();
        let _ = write!(text, " (not late {})", lost.join(", "));
    }
    if callers.perfmon {
        text.push_str(" perfmon");
    }
    text
}

/// Program types by the names of sets, the largest first, few of which may be left out, and then by their own.
fn named(mut types: ProgTypes) -> String {
    let mut names = Vec::new();
    for (name, set) in SETS {
        let others = set.without(types);
        if others.is_empty() {
            names.push((*name).to_owned());
        } else if others.iter().count() * 4 < set.iter().count() {
            names.push(format!("{name} (not {})", named(others)));
        } else {
            continue;
        }
        types = types.without(*set);
    }
    names.extend(types.iter().map(|prog_type| format!("`{prog_type}`")));
    names.join(", ")
}
