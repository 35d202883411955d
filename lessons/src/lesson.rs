//! A lesson: the cases of one class, each with its program, its log, its explanation and its repair.

use std::sync::LazyLock;

use knockwright_asm::{KernelVersion, Program};
use knockwright_explain::{Checker, Explainer, Explanation};
use knockwright_verifier::{Attempt, Privilege, Profile, Verifier};
use knockwright_verifier_cases::case::{Case, Class};
use knockwright_verifier_cases::catalogue;
use knockwright_verifier_cases::expectation::{Expectation, Expected};
use knockwright_verifier_cases::kernel_range::SERIES;
use knockwright_verifier_cases::packed;
use knockwright_verifier_cases::record::Recording;
use knockwright_verifier_cases::run::Subject;

use crate::chapters::{CHAPTERS, Chapter};

/// The kernel that lessons are about.
pub const KERNEL: KernelVersion = KernelVersion::new(6, 18);

/// Its recorded logs, which come with the program: lessons need no kernel and no privilege.
static RECORDING: LazyLock<Recording> = LazyLock::new(|| {
    packed::recording(&KERNEL.to_string())
        .expect("the recording is part of the program, and the tests read all of it")
});

/// A class of the catalogue with its place in the book.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Lesson {
    /// The chapter it stands in.
    pub chapter: &'static Chapter,
    /// The class of the catalogue.
    pub class: &'static Class,
}

/// One program of a lesson.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Exercise {
    /// The case that it is made from.
    pub case: &'static Case,
    /// The program that is rejected: the case's own, or its twin's where the case is an accepted surprise.
    pub fault: Side,
    /// The program that is accepted, if there is one.
    pub repair: Option<Side>,
    /// What is different between the two, as the twin says it.
    pub change: &'static str,
}

/// A program with what the verifier says of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Side {
    /// The slug of its class.
    pub class: &'static str,
    /// The case's program or the twin's.
    pub subject: Subject,
    /// The program that is verified.
    pub program: Program,
    /// What the kernel of the lessons says.
    pub outcome: Expected,
    /// Its log at level 1; empty if there is none.
    pub log: String,
    /// The log explained; none if the program is accepted or the log is empty.
    pub explanation: Option<Explanation>,
    /// What other kernels say, where it differs: kernels, oldest first, and their outcome.
    pub elsewhere: Vec<(KernelVersion, Expected)>,
}

/// All lessons, in the order of the chapters.
pub fn lessons() -> impl Iterator<Item = Lesson> {
    CHAPTERS.iter().flat_map(|chapter| {
        chapter.classes().into_iter().filter_map(move |slug| {
            let class = catalogue::CLASSES.iter().find(|class| class.slug == slug)?;
            Some(Lesson { chapter, class })
        })
    })
}

/// The lesson of a class, or of a case's class.
pub fn lesson(name: &str) -> Option<Lesson> {
    lessons()
        .find(|lesson| lesson.class.slug == name || lesson.class.cases.iter().any(|case| case.name == name))
}

impl Lesson {
    /// Its exercises, the smallest program first.
    pub fn exercises(&self) -> impl ExactSizeIterator<Item = Exercise> + use<> {
        let class = self.class;
        let mut cases: Vec<&'static Case> = class.cases.iter().collect();
        cases.sort_by_cached_key(|case| case.build().map_or(usize::MAX, |program| program.items.len()));
        cases.into_iter().map(move |case| exercise(class, case))
    }

    /// The lesson after this one.
    pub fn next(&self) -> Option<Self> {
        lessons().skip_while(|lesson| lesson.class.slug != self.class.slug).nth(1)
    }
}

fn exercise(class: &'static Class, case: &'static Case) -> Exercise {
    let own = case.build().ok().map(|program| side(class, case, Subject::Case, program, &case.expectation));
    let twin = case.twin.as_ref().and_then(|twin| {
        let program = case.build_twin()?.ok()?;
        Some(side(class, case, Subject::Twin, program, &twin.expectation))
    });
    let own = own.expect("every case of the catalogue assembles: its tests build them all");
    let change = case.twin.as_ref().map_or("", |twin| twin.change);
    let own_is_fault = matches!(own.outcome, Expected::Reject { .. });
    match twin {
        Some(twin) if !own_is_fault && matches!(twin.outcome, Expected::Reject { .. }) => {
            Exercise { case, fault: twin, repair: Some(own), change }
        }
        other => Exercise { case, fault: own, repair: other, change },
    }
}

fn side(
    class: &'static Class,
    case: &'static Case,
    subject: Subject,
    program: Program,
    expected: &Expectation,
) -> Side {
    let recorded = RECORDING.entries.iter().find(|entry| {
        entry.level == 1 && entry.subject == subject && entry.case == case.name && entry.class == class.slug
    });
    let log = recorded.map_or("", |entry| entry.verdict.log.as_str()).to_owned();
    let outcome = expected.on(KERNEL);
    let explanation = (matches!(outcome, Expected::Reject { .. }) && !log.is_empty())
        .then(|| explain(case, &program, &log))
        .flatten();
    let elsewhere = SERIES
        .into_iter()
        .filter(|kernel| expected.on(*kernel).outcome() != outcome.outcome())
        .map(|kernel| (kernel, expected.on(kernel)))
        .collect();
    Side { class: class.slug, subject, program, outcome, log, explanation, elsewhere }
}

/// Explains a log, its guard checked by our own verifier: that gives the same on every machine.
fn explain(case: &'static Case, program: &Program, log: &str) -> Option<Explanation> {
    let mut engine = Verifier::new(Profile::V6_18_15);
    let attempt = |program: &Program| case.attempt(program.clone()).at_level(Attempt::EVERY_PATH);
    let checker = Checker::new(&mut engine, "our verifier, as Linux 6.18,", attempt);
    let mut explainer = Explainer::new().programs(vec![program.clone()]).checker(checker);
    explainer.explain(log.as_bytes()).ok()?.logs.into_iter().next()
}

impl Exercise {
    /// Whether the verifier takes the program that the exercise shows.
    pub fn is_accepted(&self) -> bool {
        matches!(self.fault.outcome, Expected::Accept { .. })
    }

    /// Who loads it, where that isn't root.
    pub fn privilege(&self) -> Option<&'static str> {
        (self.case.privilege == Privilege::WithoutPerfmon).then_some("loaded without CAP_PERFMON")
    }
}

/// The most lines of a log that are shown; of longer ones the start and the end.
const MOST_LOG_LINES: usize = 120;

/// The most instructions of a program that are shown; of longer ones the part around the fault.
const MOST_SHOWN: usize = 40;

impl Side {
    /// The program's instructions as text, with slots: all of a short program, the parts that matter of a long one.
    pub fn listing(&self) -> String {
        let whole = self.whole_listing();
        if self.program.items.len() <= MOST_SHOWN {
            return whole;
        }
        let shown: Vec<usize> = match &self.explanation {
            Some(explanation) => explanation.diagnosis.cause.iter().map(|cause| cause.insn).collect(),
            None => (0..MOST_SHOWN / 2).collect(),
        };
        let mut text = String::new();
        let mut waiting: Option<&str> = None;
        let mut gap = false;
        for line in whole.lines() {
            let Some(slot) = line.split(':').next().and_then(|slot| slot.trim().parse::<usize>().ok()) else {
                if line.starts_with('.') {
                    text.push_str(line);
                    text.push('\n');
                } else {
                    // A label stands with its instruction or not at all.
                    waiting = Some(line);
                }
                continue;
            };
            let label = waiting.take();
            if shown.iter().any(|at| slot.abs_diff(*at) <= 2) {
                for line in label.into_iter().chain([line]) {
                    text.push_str(line);
                    text.push('\n');
                }
                gap = false;
            } else if !std::mem::replace(&mut gap, true) {
                text.push_str("    ...\n");
            }
        }
        text
    }

    /// The log, of a long one its start and its end.
    pub fn shown_log(&self) -> String {
        const AT_START: usize = 20;
        const AT_END: usize = 60;
        let lines: Vec<&str> = self.log.lines().collect();
        if lines.len() <= MOST_LOG_LINES {
            return self.log.clone();
        }
        let left_out = lines.len() - AT_START - AT_END;
        let cut = format!("… {left_out} lines …");
        let (start, end) = (&lines[..AT_START], &lines[lines.len() - AT_END..]);
        let shown: Vec<&str> =
            start.iter().copied().chain([cut.as_str()]).chain(end.iter().copied()).collect();
        shown.join("\n") + "\n"
    }

    fn whole_listing(&self) -> String {
        let listing = knockwright_asm::text::Listing::new(&self.program).with_slots().to_string();
        // The directives are the same in nearly all cases: only maps and functions tell something.
        listing
            .lines()
            .filter(|line| !line.starts_with(".program") && !line.starts_with(".license"))
            .map(|line| format!("{}\n", without_data(line)))
            .collect::<String>()
            .trim_start_matches('\n')
            .to_owned()
    }
}

/// A map's line without the bytes of its value, which teach nothing where they are many.
fn without_data(line: &str) -> String {
    const LONGEST: usize = 100;
    match line.split_once(" data ") {
        Some((map, _)) if line.len() > LONGEST && map.starts_with(".map ") => format!("{map} data …"),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lesson_has_exercises_with_log_and_explanation() {
        let mut guards = 0;
        for lesson in lessons() {
            for exercise in lesson.exercises() {
                let name = exercise.case.name;
                let fault = &exercise.fault;
                assert!(!fault.listing().is_empty(), "{name}");
                if exercise.is_accepted() || exercise.case.log_level == 0 {
                    continue;
                }
                let explanation =
                    fault.explanation.as_ref().unwrap_or_else(|| panic!("{name} isn't explained"));
                let guard = explanation.diagnosis.guard.as_ref();
                guards += guard.iter().count();
                assert!(guard.is_none_or(|guard| guard.checked), "{name}: {guard:?}");
            }
        }
        assert!(guards > 40, "our verifier checks the guards: {guards}");
    }

    #[test]
    fn lessons_follow_each_other_and_are_found_by_class_and_case() {
        let first = lessons().next().unwrap();
        assert_eq!(first.class.slug, "map-value-or-null");
        assert_eq!(first.next().unwrap().class.slug, "null-dereference");
        assert_eq!(lesson("article-bounds").unwrap().class.slug, "map-value-max");
        assert!(lesson("nosuch").is_none());
        assert_eq!(lessons().count(), catalogue::CLASSES.len());
    }
}
