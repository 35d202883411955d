//! What the logs of one input have to do with each other: attempts of one program, and faults told before.
//!
//! Loaders ask twice, at a low level of the log and at a high one; people paste what three attempts printed. Each fault is told
//! once, what failed first comes first, and the attempts of a program stand together.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;

use crate::class::Class;
use crate::diagnosis::{Diagnosis, Explanation};

/// The most faults that are remembered of an input, and the most programs whose attempts are counted: later ones are told each
/// time, and without a number.
const MOST_FAULTS: usize = 1 << 12;

/// The most programs that are told apart by one fault.
const MOST_PROGRAMS: usize = 16;

/// So many logs are held before the first is passed on: pastes of people have fewer.
const HELD: usize = 16;

/// The faults of an input so far.
#[derive(Debug, Default)]
pub(crate) struct Told {
    logs: usize,
    /// By what they have in common.
    faults: HashMap<u64, Vec<Fault>>,
    /// How many logs there were of a program, by the hash of its name.
    attempts: HashMap<u64, usize>,
}

/// A fault that was told.
#[derive(Debug)]
struct Fault {
    /// The number of its first log.
    log: usize,
    program: Option<u64>,
    /// All that is told of it.
    story: u64,
}

impl Told {
    /// Numbers a diagnosis, and says which log before it told the same.
    pub(crate) fn place(&mut self, diagnosis: &mut Diagnosis) {
        self.logs += 1;
        diagnosis.log = self.logs;
        let program = diagnosis.program.as_deref().map(hash);
        if let Some(program) = program {
            let is_counted = self.attempts.contains_key(&program) || self.attempts.len() < MOST_FAULTS;
            if is_counted {
                let attempts = self.attempts.entry(program).or_default();
                *attempts += 1;
                diagnosis.attempt = Some(*attempts);
            }
        }
        let (common, story) = (common(diagnosis), story(diagnosis));
        let is_full = self.faults.len() >= MOST_FAULTS && !self.faults.contains_key(&common);
        if is_full {
            return;
        }
        let alike = self.faults.entry(common).or_default();
        let same = alike.iter().find(|fault| match (fault.program, program) {
            (Some(this), Some(that)) => this == that,
            // Without the names, nothing that is told may differ.
            _ => fault.story == story,
        });
        match same {
            Some(fault) => diagnosis.same_as = Some(fault.log),
            None if alike.len() < MOST_PROGRAMS => {
                alike.push(Fault { log: self.logs, program, story });
            }
            None => {}
        }
    }
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// What two logs of one fault have in common, whatever their levels show beside it.
fn common(diagnosis: &Diagnosis) -> u64 {
    let last = diagnosis.cause.last().map(|cause| cause.text.as_str());
    let source = diagnosis.source.as_ref().map(|source| source.text.as_str());
    hash((diagnosis.class.slug(), &diagnosis.message, diagnosis.insn, last, source))
}

/// All that is told of a fault.
fn story(diagnosis: &Diagnosis) -> u64 {
    let causes = diagnosis.cause.iter().map(|cause| (cause.insn, &cause.text, &cause.why));
    let numbers = diagnosis.derivation.as_ref().map(|derivation| &derivation.result);
    hash((causes.collect::<Vec<_>>(), numbers, &diagnosis.fix, &diagnosis.notes))
}

/// Passes logs on in the order in which they are read best: what failed first comes first, with the other faults of its
/// program, and what was accepted comes last. A fault that was told isn't told again.
///
/// The first sixteen logs are held for that; where there are more, the later ones follow as they come.
///
/// ```
/// use knockwright_explain::{Explainer, Groups};
///
/// let log = "0: R1=ctx() R10=fp0\n0: (95) exit\nR0 !read_ok\n\
///            processed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n";
/// let mut shown = Vec::new();
/// let mut groups = Groups::new(|log| Ok(shown.push(log)));
/// Explainer::new().explain_each(log.repeat(2).as_bytes(), |log| groups.log(log))?;
/// let not_shown = groups.finish()?;
/// assert_eq!((shown.len(), not_shown), (1, 0));
/// assert!(shown[0].diagnosis.notes.last().unwrap().starts_with("the same again"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Groups<F> {
    each: F,
    /// None once more came than are held.
    held: Option<Vec<Explanation>>,
    /// How many told nothing new, beside those that a held log names.
    repeated: usize,
}

impl<F: FnMut(Explanation) -> io::Result<()>> Groups<F> {
    /// Passes on to `each`.
    pub fn new(each: F) -> Self {
        Self { each, held: Some(Vec::new()), repeated: 0 }
    }

    /// Takes the next log of the input.
    ///
    /// # Errors
    /// What `each` says.
    pub fn log(&mut self, log: Explanation) -> io::Result<()> {
        match &mut self.held {
            Some(held) if held.len() < HELD => {
                held.push(log);
                Ok(())
            }
            Some(_) => {
                self.release()?;
                self.pass_on(log)
            }
            None => self.pass_on(log),
        }
    }

    /// Passes on what is held, and says how many logs told nothing new beside those that others name in their notes.
    ///
    /// # Errors
    /// What `each` says.
    pub fn finish(mut self) -> io::Result<usize> {
        self.release()?;
        Ok(self.repeated)
    }

    fn pass_on(&mut self, log: Explanation) -> io::Result<()> {
        if log.diagnosis.same_as.is_some() {
            self.repeated += 1;
            return Ok(());
        }
        (self.each)(log)
    }

    fn release(&mut self) -> io::Result<()> {
        let held = self.held.take().unwrap_or_default();
        in_order(held).into_iter().try_for_each(&mut self.each)
    }
}

/// Logs in the order in which they are read best, each fault once.
fn in_order(logs: Vec<Explanation>) -> Vec<Explanation> {
    let (repeated, mut told): (Vec<_>, Vec<_>) =
        logs.into_iter().partition(|log| log.diagnosis.same_as.is_some());
    for Explanation { diagnosis, .. } in &mut told {
        let again = repeated.iter().filter(|log| log.diagnosis.same_as == Some(diagnosis.log));
        let again: Vec<usize> = again.map(|log| log.diagnosis.log).collect();
        diagnosis.notes.extend(again_words(&again));
    }
    // Where the first fault of each program stands.
    let mut first: HashMap<String, usize> = HashMap::new();
    for Explanation { diagnosis, .. } in &told {
        if let Some(program) = diagnosis.program.as_ref().filter(|_| diagnosis.class != Class::Accepted) {
            first.entry(program.clone()).or_insert(diagnosis.log);
        }
    }
    told.sort_by_key(|Explanation { diagnosis, .. }| {
        let program = diagnosis.program.as_ref().and_then(|program| first.get(program));
        let group = program.copied().unwrap_or(diagnosis.log);
        (diagnosis.class == Class::Accepted, group, diagnosis.log)
    });
    told
}

/// Says which logs tell the same.
fn again_words(again: &[usize]) -> Option<String> {
    let (last, before) = again.split_last()?;
    if before.is_empty() {
        return Some(format!("the same again in log {last} of the input"));
    }
    let before: Vec<String> = before.iter().map(usize::to_string).collect();
    Some(format!("the same again in logs {} and {last} of the input", before.join(", ")))
}
