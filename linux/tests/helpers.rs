//! The rows of helpers against what eleven kernels answered, and the page made of them.

use std::collections::{BTreeMap, BTreeSet};

use knockwright_linux::helper::{Access, Argument, Caller, CallsBack, Signature};
use knockwright_linux::{AttachType, Helper, KernelVersion, ProgType, ProgTypes};

/// What `cargo run --release -p knockwright-differential --example helpers` wrote: the helpers whose call each kernel looked
/// into, by program type and caller. A cell has all of them, or what is more (`+`) and less (`-`) than in the cell before;
/// `=` is the same, `none` none, and `?` no answer.
const RECORDED: &str = include_str!("data/helpers.tsv");

/// What `cargo run --release -p knockwright-differential --example targeted` wrote: the helpers that some kernel gives to programs
/// for something of its own, by how they are attached.
const TARGETED: &str = include_str!("data/targeted.tsv");

#[test]
fn programs_for_something_of_the_kernels_have_what_kernels_said() {
    let mut asked = 0;
    for line in TARGETED.lines().filter(|line| !line.starts_with('#')) {
        let (attach, held) = line.split_once('\t').expect("two columns");
        let (attach, held): (AttachType, _) = (attach.parse().expect("an attach type"), numbers(held));
        for &helper in Helper::ALL {
            let given = helper.is_given_to_target(attach);
            assert_eq!(given, Some(held.contains(&(helper as usize))), "{helper} {attach}");
        }
        asked += 1;
    }
    assert_eq!(asked, 6);
}

/// Who called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Root,
    WithoutPerfmon,
    Proprietary,
}

/// The answers to one caller's programs of one type on one kernel: the numbers, if there was an answer.
type Answers = BTreeMap<(ProgType, Who, KernelVersion), Option<BTreeSet<usize>>>;

fn numbers(ranges: &str) -> BTreeSet<usize> {
    let parts = ranges.split(',').flat_map(|range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let number = |text: &str| text.parse::<usize>().unwrap_or_else(|_| panic!("`{text}` is no number"));
        number(first)..=number(last)
    });
    parts.collect()
}

/// A cell, by what the one before it holds.
fn cell(text: &str, before: Option<&BTreeSet<usize>>) -> Option<BTreeSet<usize>> {
    let before = || before.expect("an answer before").clone();
    match text {
        "?" => return None,
        "none" => return Some(BTreeSet::new()),
        "=" => return Some(before()),
        _ if !text.starts_with(['+', '-']) => return Some(numbers(text)),
        _ => {}
    }
    let mut held = before();
    for part in text.split(' ') {
        match part.strip_prefix('-') {
            Some(less) => held = held.difference(&numbers(less)).copied().collect(),
            None => held.extend(numbers(part.trim_start_matches('+'))),
        }
    }
    Some(held)
}

fn recorded() -> (Vec<KernelVersion>, Answers) {
    let mut lines = RECORDED.lines().filter(|line| !line.starts_with('#'));
    let head: Vec<&str> = lines.next().expect("a head").split('\t').collect();
    let kernels: Vec<KernelVersion> = head[2..]
        .iter()
        .map(|release| release.rsplit_once('.').expect("a release").0.parse().expect("a version"))
        .collect();
    let mut answers = Answers::new();
    for line in lines {
        let cells: Vec<&str> = line.split('\t').collect();
        assert_eq!(cells.len(), head.len(), "{line}");
        let prog_type: ProgType = cells[0].parse().expect("a program type");
        let who = match cells[1] {
            "root" => Who::Root,
            "without_perfmon" => Who::WithoutPerfmon,
            "proprietary" => Who::Proprietary,
            other => panic!("no caller is {other}"),
        };
        let mut before = None;
        for (&kernel, text) in kernels.iter().zip(&cells[2..]) {
            let held = cell(text, before.as_ref());
            answers.insert((prog_type, who, kernel), held.clone());
            before = held;
        }
    }
    (kernels, answers)
}

fn may_call(helper: Helper, prog_type: ProgType, who: Who, kernel: KernelVersion) -> bool {
    let caller = Caller { prog_type, perfmon: who != Who::WithoutPerfmon, kernel };
    match helper.access(caller) {
        Access::Here(prototype) => who != Who::Proprietary || !prototype.gpl_only,
        Access::Elsewhere => false,
        Access::NotRecorded => panic!("{prog_type} was recorded, but the table says that it wasn't"),
    }
}

#[test]
fn the_rows_say_what_eleven_kernels_said() {
    let (kernels, answers) = recorded();
    assert_eq!(kernels.len(), 11);
    assert_eq!(answers.len(), kernels.len() * ProgType::ALL.len() * 3);
    let mut wrong = Vec::new();
    for (&(prog_type, who, kernel), held) in &answers {
        let Some(held) = held else { continue };
        assert!(held.iter().all(|&number| number < Helper::ALL.len()), "a number without a row on {kernel}");
        for &helper in Helper::ALL {
            let theirs = held.contains(&(helper as usize));
            if may_call(helper, prog_type, who, kernel) != theirs {
                wrong.push(format!("{helper}#{} {prog_type} {who:?} {kernel}: {theirs}", helper as i32));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ; `.ci/regenerate kernels` asks again: {wrong:#?}", wrong.len());
}

/// What no kernel could be asked: types that a kernel doesn't have, and callers who may not load them.
#[test]
fn what_was_not_recorded_is_known_by_name() {
    let (kernels, answers) = recorded();
    for (&(prog_type, who, kernel), held) in &answers {
        let expected = match prog_type {
            ProgType::LircMode2 | ProgType::Ext => false,
            ProgType::Tracing | ProgType::StructOps | ProgType::Lsm => false,
            ProgType::Syscall => kernel >= KernelVersion::new(5, 14),
            ProgType::Netfilter => kernel >= KernelVersion::new(6, 4),
            ProgType::Kprobe
            | ProgType::Tracepoint
            | ProgType::PerfEvent
            | ProgType::RawTracepoint
            | ProgType::RawTracepointWritable => who != Who::WithoutPerfmon,
            _ => true,
        };
        assert_eq!(held.is_some(), expected, "{prog_type} {who:?} {kernel}");
    }
    let newest = *kernels.last().expect("a kernel");
    for &prog_type in ProgType::ALL {
        let asked = answers[&(prog_type, Who::Root, newest)].is_some();
        let caller = Caller { prog_type, perfmon: true, kernel: newest };
        let known = !matches!(Helper::MapLookupElem.access(caller), Access::NotRecorded);
        assert_eq!(known, asked, "{prog_type}");
    }
}

#[test]
fn numbers_and_names_lead_to_their_rows() {
    for (number, &helper) in Helper::ALL.iter().enumerate() {
        assert_eq!(helper as usize, number);
        assert_eq!(Helper::from_number(number as i32), Some(helper));
        assert_eq!(helper.name().parse(), Ok(helper));
    }
    for number in [-1, i32::MIN, Helper::ALL.len() as i32, i32::MAX] {
        assert_eq!(Helper::from_number(number), None);
    }
}

#[test]
fn a_row_does_not_contradict_itself() {
    for &helper in Helper::ALL {
        let mut programs = ProgTypes::NONE;
        for prototype in helper.prototypes() {
            assert_eq!(
                prototype.programs.iter().find(|&prog_type| programs.contains(prog_type)),
                None,
                "{helper} has two prototypes for a program type"
            );
            programs = programs.with(prototype.programs);
            let Signature::Known { arguments, .. } = prototype.signature else { continue };
            let has = |wanted: Argument| arguments.contains(&wanted);
            assert_eq!(has(Argument::Map), !prototype.maps.is_empty(), "{helper}: maps");
            assert_eq!(
                has(Argument::RingbufRecord) || has(Argument::SocketGivenUp),
                prototype.releases,
                "{helper}: releases"
            );
            assert_eq!(
                has(Argument::Callback),
                matches!(prototype.calls_back, Some(CallsBack::Rounds | CallsBack::Elements)),
                "{helper}: calls back"
            );
            assert!(arguments.len() <= 5, "{helper}: arguments");
            for pair in arguments.windows(2) {
                let memory = matches!(
                    pair[0],
                    Argument::MemIn | Argument::MemInOrNull | Argument::MemOut | Argument::MemInOut
                );
                let size = matches!(pair[1], Argument::Size | Argument::SizeOrZero);
                assert_eq!(memory, size, "{helper}: memory and sizes");
            }
        }
        for callers in helper.callers() {
            assert!(callers.programs.without(programs).is_empty(), "{helper}: callers without a prototype");
        }
    }
}
