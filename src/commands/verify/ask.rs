//! What one kernel is asked about objects, and the rows that come of its answers.

use std::path::Path;

use knockwright_asm::Program;

use knockwright_codegen::read::globals::{self, Global};
use knockwright_codegen::read::{KernelFacts, Reading};
use knockwright_explain::{Checker, Explainer, Explanation};
use knockwright_kernels::HostEngine;
use knockwright_linux::errno::{EIO, EPERM};
use knockwright_loader::privilege::{can_load, kernel_release};
use knockwright_verifier::log_tail::LogTail;
use knockwright_verifier::{Attempt, Engine, EngineError, Outcome as Verified, Profile, Verdict};

use crate::cli::Verify;
use crate::commands::carried::{self, poisoned, whole};
use crate::engine;
use crate::gate::config::Config;
use crate::gate::objects::Broken;
use crate::gate::row::{Judged, Row, SourcePlace};

/// How much of a log's end explanations are made from, in bytes: the path that fails, of nearly all programs.
const EXPLAINED: usize = 256 << 10;

/// An object that is asked about.
pub(super) struct Object<'a> {
    pub(super) name: String,
    pub(super) relative: String,
    pub(super) globals: Vec<Global>,
    /// Its programs, or why there are none.
    pub(super) programs: Result<carried::Object<'a>, Broken>,
}

/// The types of a kernel, or why there are none.
pub(super) type Types = Result<KernelFacts, String>;

/// What one kernel is asked.
pub(super) struct Kernel<'a> {
    pub(super) args: &'a Verify,
    pub(super) objects: &'a [Object<'a>],
    pub(super) configs: &'a [Config],
    /// Its types, where an object needs some.
    pub(super) types: Option<&'a Types>,
    /// `kernel` or `userspace`.
    pub(super) kind: &'a str,
    pub(super) name: &'a str,
    /// The log levels that are wanted, ascending.
    pub(super) levels: &'a [u32],
}

/// Where a row stands among the others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Order {
    object: usize,
    program: usize,
    kernel: (Vec<u32>, String),
    config: usize,
}

/// A program of an object with a configuration, or an object that isn't one.
struct Question<'a> {
    object: usize,
    program: usize,
    config: usize,
    reading: Option<&'a Reading>,
    /// What is asked, or the verdict that stands without asking.
    asked: Result<Attempt, Verdict>,
}

/// What a kernel answers: a verdict, and the log that tells most.
struct Answer {
    verdict: Verdict,
    log: String,
}

impl Kernel<'_> {
    /// All rows of this kernel. One that can't be asked has rows too, which say why.
    pub(super) fn ask(&self, engine: &mut dyn Engine) -> Vec<(Order, Judged)> {
        // A boot is shared by all objects; else no more than one's programs are made at a time.
        let at_once = if engine.image().is_some() { self.objects.len().max(1) } else { 1 };
        let parts = self.objects.chunks(at_once).enumerate();
        parts.flat_map(|(part, objects)| self.ask_of(engine, part * at_once, objects)).collect()
    }

    /// The rows of some objects, of which the first has this number.
    fn ask_of(&self, engine: &mut dyn Engine, first: usize, objects: &[Object<'_>]) -> Vec<(Order, Judged)> {
        let made: Vec<_> = objects.iter().map(|object| self.made(object)).collect();
        let questions = self.questions(first, &made);
        let attempts: Vec<&Attempt> =
            questions.iter().filter_map(|question| question.asked.as_ref().ok()).collect();
        let answers = self.answers(engine, &attempts);
        let release = match answers.is_empty() {
            true => None,
            false => engine.kernel().ok().map(|kernel| kernel.release),
        };
        let mut answers = answers.into_iter();
        let answer = |question: Question<'_>| {
            let answer = match &question.asked {
                Ok(_) => answers.next().unwrap_or_else(|| Answer::without_log(Verdict::no_answer())),
                Err(verdict) => Answer::without_log(verdict.clone()),
            };
            self.judged(release.as_deref(), &question, answer)
        };
        questions.into_iter().map(answer).collect()
    }

    /// The programs of an object as a loader makes them for this kernel.
    fn made(&self, object: &Object<'_>) -> Result<Vec<Reading>, Broken> {
        let programs = object.programs.as_ref().map_err(Broken::clone)?;
        // Those that need types and get none say so themselves.
        let types = self.types.and_then(|types| types.as_ref().ok()).filter(|_| programs.needs_types());
        programs.made_by(types).map_err(Broken::bad)
    }

    /// Every program of objects, of which the first has this number, with every configuration.
    fn questions<'q>(&'q self, first: usize, made: &'q [Result<Vec<Reading>, Broken>]) -> Vec<Question<'q>> {
        let mut questions = Vec::new();
        for (object, made) in (first..).zip(made) {
            let readings = match made {
                Ok(readings) => readings,
                Err(Broken { errno, why }) => {
                    let asked = Err(Verdict::error(*errno, why.as_str()));
                    // No configuration makes it one.
                    questions.push(Question { object, program: 0, config: 0, reading: None, asked });
                    continue;
                }
            };
            for (program, reading) in readings.iter().enumerate() {
                for (config, known) in self.configs.iter().enumerate() {
                    if !known.without.contains(&reading.name) {
                        let asked = self.attempt(&self.objects[object], known, reading);
                        questions.push(Question { object, program, config, reading: Some(reading), asked });
                    }
                }
            }
        }
        questions
    }

    fn attempt(&self, object: &Object<'_>, config: &Config, reading: &Reading) -> Result<Attempt, Verdict> {
        let mut attempt = whole(reading)?;
        for (name, value) in &config.set {
            match globals::set(&mut attempt.program, &object.globals, name, value) {
                // Another object has it.
                Ok(()) | Err(globals::GlobalError::Unknown { .. }) => {}
                Err(error) => return Err(Verdict::error(0, error.to_string())),
            }
        }
        Ok(attempt)
    }

    /// The kernel's answers in their order, of each the verdict of the highest level.
    fn answers(&self, engine: &mut dyn Engine, attempts: &[&Attempt]) -> Vec<Answer> {
        // Who may not ask at all is told so, and not by what fails first. Kernels in QEMU aren't booted for that.
        if engine.image().is_none()
            && let Err(error) = engine.kernel()
        {
            return attempts.iter().map(|_| Answer::without_log(not_asked(&error))).collect();
        }
        if !self.args.log {
            engine.limit_logs(EXPLAINED);
        }
        // A boot is shared by all; what needs none is asked one by one, and no more than one's logs are in memory.
        let at_once = if engine.image().is_some() { attempts.len().max(1) } else { 1 };
        let mut all = Vec::with_capacity(attempts.len());
        for part in attempts.chunks(at_once) {
            let at_levels = |attempt: &&Attempt| {
                let attempt = (*attempt).clone();
                self.levels.iter().map(move |level| attempt.clone().at_level(*level))
            };
            let each: Vec<Attempt> = part.iter().flat_map(at_levels).collect();
            let verdicts = engine.verify(&each);
            let verdicts = verdicts.unwrap_or_else(|error| each.iter().map(|_| not_asked(&error)).collect());
            let mut verdicts = verdicts.into_iter();
            all.extend(part.iter().map(|_| self.answer(verdicts.by_ref().take(self.levels.len()))));
        }
        all
    }

    /// The answer that verdicts of ascending levels are together.
    fn answer(&self, mut levels: impl Iterator<Item = Verdict>) -> Answer {
        let lowest = levels.next().unwrap_or_else(Verdict::no_answer);
        let mut verdict = levels.last().unwrap_or_else(|| lowest.clone());
        let mut log = std::mem::take(&mut verdict.log);
        // Of a rejected program the failing path tells most.
        if !verdict.is_accepted() {
            log = lowest.log;
        } else if !self.args.log {
            log = end_of(&log).to_owned();
        }
        Answer { verdict, log }
    }

    fn judged(&self, release: Option<&str>, question: &Question<'_>, answer: Answer) -> (Order, Judged) {
        let Answer { verdict, log } = answer;
        let attempt = question.asked.as_ref().ok();
        let is_rejected = verdict.outcome == Verified::Reject;
        let explanation = is_rejected.then(|| self.explanation(release, attempt, &verdict, &log)).flatten();
        let row = self.row(release, question, &verdict, &log, explanation.as_ref());
        let program = attempt.map(|attempt| &attempt.program);
        let at = if is_rejected { verdict.insn } else { Some(0) };
        let instruction = program.zip(verdict.insn.filter(|_| is_rejected)).and_then(|(program, insn)| {
            let (_, item) = program.slots().find(|(start, _)| *start == insn)?;
            Some(item.code.to_string())
        });
        let source = program.zip(at).and_then(|(program, insn)| source_of(program, insn));
        let has_log = is_rejected || verdict.is_accepted() || verdict.level > 0;
        let order = Order {
            object: question.object,
            program: question.program,
            kernel: (numbers(release.unwrap_or(self.name)), self.name.to_owned()),
            config: question.config,
        };
        let judged = Judged {
            source: source.or_else(|| explanation.as_ref().and_then(source_of_log)),
            instruction,
            log: (self.args.log && has_log).then_some(log),
            explanation,
            ..Judged::new(row)
        };
        (order, judged)
    }

    fn row(
        &self,
        release: Option<&str>,
        question: &Question<'_>,
        verdict: &Verdict,
        log: &str,
        explanation: Option<&Explanation>,
    ) -> Row {
        let tail = LogTail::read(log);
        let of_reading = |text: fn(&Reading) -> String| question.reading.map_or_else(String::new, text);
        let prog_type = |reading: &Reading| {
            reading.program.as_ref().map_or_else(|_| String::new(), |program| program.prog_type.to_string())
        };
        let object = &self.objects[question.object];
        Row {
            object: object.name.clone(),
            program: of_reading(|reading| reading.name.clone()),
            // A mark in front isn't of the name.
            section: of_reading(|reading| reading.section.trim_start_matches('?').to_owned()),
            prog_type: of_reading(prog_type),
            kernel: self.name.to_owned(),
            engine: self.kind.to_owned(),
            config: self.configs[question.config].name.clone().filter(|_| question.reading.is_some()),
            verdict: word(verdict.outcome).to_owned(),
            errno: verdict.errno,
            insn: verdict.insn,
            message: verdict.message.clone(),
            processed: verdict.processed,
            total_states: tail.total_states,
            peak_states: tail.peak_states,
            class: explanation.map(|explanation| explanation.diagnosis.class.slug().to_owned()),
            release: release.filter(|_| question.asked.is_ok()).map(str::to_owned),
            relative: Some(object.relative.clone()),
            poisoned: question.reading.map_or_else(Vec::new, |reading| poisoned(reading, verdict)),
        }
    }

    /// Why a program was rejected, by its log, with a guard that was checked where it's shown and a verifier for that is at hand.
    fn explanation(
        &self,
        release: Option<&str>,
        attempt: Option<&Attempt>,
        verdict: &Verdict,
        log: &str,
    ) -> Option<Explanation> {
        let attempt = attempt?;
        let mut judge =
            if self.args.shows_guards() { self.judge_of_guards(release, attempt, verdict) } else { None };
        let mut explainer = Explainer::new().without_trace().programs(vec![attempt.program.clone()]);
        if let Some((engine, name)) = &mut judge {
            let again = |program: &Program| like(attempt, program);
            explainer = explainer.checker(Checker::new(engine.as_mut(), name.as_str(), again));
        }
        explainer.explain(log.as_bytes()).ok()?.logs.pop()
    }

    /// Who checks the guards of a rejected program, and what that's called: the running kernel if it rejected it, else our
    /// verifier as that kernel, else the running kernel. None where none of them sees the same fault, or where it would take
    /// long.
    fn judge_of_guards(
        &self,
        release: Option<&str>,
        attempt: &Attempt,
        verdict: &Verdict,
    ) -> Option<(Box<dyn Engine>, String)> {
        /// Programs that take more are asked about once.
        const MOST_PROCESSED: u64 = 50_000;
        if verdict.processed.is_none_or(|processed| processed > MOST_PROCESSED) {
            return None;
        }
        let of_host = |name: String| -> (Box<dyn Engine>, String) {
            (Box::new(HostEngine::new().without_logs()), name)
        };
        let own = || -> Option<(Box<dyn Engine>, String)> {
            let profile = Profile::from_version(release?)?;
            Some((Box::new(engine::userspace(profile)), format!("our verifier for Linux {}", profile.name())))
        };
        // Another kernel has other numbers of what a program is for.
        let other = || {
            let can_tell = attempt.target.is_none() && can_load().is_ok();
            can_tell.then(|| of_host(format!("the running kernel, Linux {},", kernel_release())))
        };
        let sees_the_same = |(mut engine, name): (Box<dyn Engine>, String)| {
            let again = engine.verdict(&like(attempt, &attempt.program));
            let is_same =
                again.is_rejected() && again.insn == verdict.insn && again.message == verdict.message;
            is_same.then_some((engine, name))
        };
        match (self.kind, self.name) {
            ("kernel", "host") => sees_the_same(of_host("the running kernel".to_owned())),
            _ => own().and_then(sees_the_same).or_else(|| other().and_then(sees_the_same)),
        }
    }
}

impl Answer {
    fn without_log(verdict: Verdict) -> Self {
        Self { verdict, log: String::new() }
    }
}

/// The end of a log, where its summary stands.
fn end_of(log: &str) -> &str {
    /// More than a summary takes.
    const BYTES: usize = 4096;
    &log[log.ceil_char_boundary(log.len().saturating_sub(BYTES))..]
}

/// The word of an outcome in rows: what is refused before a verifier looks at it says nothing of the program.
fn word(outcome: Verified) -> &'static str {
    match outcome {
        Verified::Accept => "accept",
        Verified::Reject => "reject",
        Verified::Unsupported => "unsupported",
        Verified::Refuse | Verified::Error => "error",
    }
}

/// The verdict where a kernel couldn't be asked.
fn not_asked(error: &EngineError) -> Verdict {
    let errno = if matches!(error, EngineError::NotPermitted(_)) { EPERM } else { EIO };
    Verdict::error(errno, error.to_string())
}

/// A changed program put to a verifier as the one that it was made of.
fn like(attempt: &Attempt, program: &Program) -> Attempt {
    let mut changed =
        engine::attempt(program).with_flags(attempt.flags).by(attempt.privilege).for_target(attempt.target);
    changed.attach_type = attempt.attach_type;
    changed
}

/// The numbers that a release starts with, by which kernels are sorted.
fn numbers(release: &str) -> Vec<u32> {
    let version = release.split(|c: char| !c.is_ascii_digit() && c != '.').next().unwrap_or_default();
    version.split('.').map_while(|number| number.parse().ok()).collect()
}

/// The source line of an instruction, by the object's line information.
fn source_of(program: &Program, insn: usize) -> Option<SourcePlace> {
    let (_, item) = program.slots().find(|(start, _)| *start == insn)?;
    let source = item.source.as_ref()?;
    let known = |number: u32| (number > 0).then_some(number);
    Some(SourcePlace {
        file: here(&source.file),
        line: known(source.line),
        column: known(source.column),
        text: source.text.to_string(),
    })
}

/// The source line that a log shows, of an object whose own has none.
fn source_of_log(explanation: &Explanation) -> Option<SourcePlace> {
    let source = explanation.diagnosis.source.as_ref()?;
    Some(SourcePlace {
        file: source.file.clone().filter(|file| !file.is_empty())?,
        line: source.line,
        column: None,
        text: source.text.clone(),
    })
}

/// A source file as it's called from here, where it lies below this folder: that is how repositories name their files.
fn here(file: &str) -> String {
    let path = Path::new(file);
    let below =
        std::env::current_dir().ok().and_then(|folder| Some(path.strip_prefix(folder).ok()?.to_owned()));
    below.map_or_else(|| file.to_owned(), |below| below.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_are_sorted_by_number() {
        let mut releases =
            ["6.18.44", "7.3.0-rc1", "5.10.234-0-deb", "6.12.117+deb12-cloud", "6.18.15 in user space"];
        releases.sort_by_key(|release| numbers(release));
        assert_eq!(
            releases,
            ["5.10.234-0-deb", "6.12.117+deb12-cloud", "6.18.15 in user space", "6.18.44", "7.3.0-rc1"]
        );
        assert!(numbers("bzImage-mine").is_empty());
    }
}
