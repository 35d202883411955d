//! Random programs through a kernel's verifier and ours, counted, with every mismatch made small.

use std::collections::BTreeMap;
use std::time::Duration;

use knockwright_verifier::{Attempt, Engine, EngineError, KernelId, Privilege, Profile, Verdict, Verifier};

use crate::compare::{Agreement, Comparison, compare};
use crate::feature::Feature;
use crate::generate::{Stage, program};
use crate::random::Random;
use crate::shrink::{Effort, shrink};

/// Which programs are tried.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Plan {
    /// The same seed gives the same programs.
    pub seed: u64,
    /// The number of the first program.
    pub first: u64,
    /// How many programs there are.
    pub count: u64,
    /// The log level, 1 or 2; `None` takes both in turn.
    pub level: Option<u32>,
    /// What they are made of; `None` takes all stages in turn.
    pub stage: Option<Stage>,
    /// Who loads them.
    pub privilege: Privilege,
    /// How many programs are asked about at once.
    pub batch: usize,
    /// The kernel isn't asked about programs of which more instructions are walked than this.
    pub longest: Option<u64>,
    /// How many mismatches are made small; the others are kept as they are.
    pub shrunk: usize,
    /// How long each is made smaller at most.
    pub shrink_time: Duration,
}

/// When a kernel answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// At once, as the running one does.
    AtOnce,
    /// After it has booted, for each batch.
    AfterBooting,
}

impl Plan {
    /// A plan for a kernel that answers so.
    pub fn new(seed: u64, count: u64, answers: Answers) -> Self {
        let boots = answers == Answers::AfterBooting;
        Self {
            seed,
            first: 0,
            count,
            level: None,
            stage: None,
            privilege: Privilege::Full,
            batch: if boots { 400 } else { 64 },
            longest: boots.then_some(3000),
            shrunk: if boots { 2 } else { 20 },
            shrink_time: Duration::from_secs(if boots { 60 } else { 10 }),
        }
    }

    /// The program of a number, with its log level.
    pub fn attempt(&self, index: u64) -> Attempt {
        let mut random = Random::new(self.seed.wrapping_mul(1_000_003).wrapping_add(index));
        let stage = self.stage.unwrap_or(Stage::ALL[(index % Stage::ALL.len() as u64) as usize]);
        let mut attempt = program(&mut random, stage);
        attempt.program.name = format!("seed_{}_{index}", self.seed);
        // Programs of all stages meet both levels, since the number of stages is odd.
        let level = self.level.unwrap_or(if index.is_multiple_of(2) { 2 } else { 1 });
        attempt.at_level(level).by(self.privilege)
    }
}

/// A program on which the two don't agree.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Mismatch {
    /// The number of the program that showed it first.
    pub index: u64,
    /// The program, as small as it got.
    pub attempt: Attempt,
    /// What both say of it.
    pub comparison: Comparison,
}

/// What has come of the programs so far.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Summary {
    /// How many programs were tried.
    pub programs: u64,
    /// How many agree how far.
    pub agreement: BTreeMap<Agreement, u64>,
    /// How many were compared and rejected by the kernel.
    pub rejected: u64,
    /// How many of those have the same error number, instruction and message.
    pub same_message: u64,
    /// How many programs were compared that contain something, and how many of them differ.
    pub features: BTreeMap<Feature, FeatureCount>,
    /// What isn't modelled, and how often it was met.
    pub unsupported: BTreeMap<String, u64>,
    /// Why the kernel came to no verdict, and how often.
    pub no_oracle: BTreeMap<String, u64>,
}

/// What has come of the programs that contain something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FeatureCount {
    /// How many got two verdicts.
    pub compared: u64,
    /// How many of them show a mistake.
    pub mismatches: u64,
}

impl Summary {
    /// How many programs agree this far.
    pub fn count(&self, agreement: Agreement) -> u64 {
        self.agreement.get(&agreement).copied().unwrap_or(0)
    }

    /// How many programs got two verdicts.
    pub fn compared(&self) -> u64 {
        self.programs - self.count(Agreement::NoOracle) - self.count(Agreement::Unsupported)
    }

    /// How many programs show a mistake.
    pub fn mismatches(&self) -> u64 {
        self.agreement.iter().filter(|(agreement, _)| agreement.is_mismatch()).map(|(_, count)| count).sum()
    }

    fn add(&mut self, attempt: &Attempt, comparison: &Comparison) {
        self.programs += 1;
        if !matches!(comparison.agreement, Agreement::NoOracle | Agreement::Unsupported) {
            for feature in Feature::ALL.into_iter().filter(|feature| feature.is_in(attempt)) {
                let count = self.features.entry(feature).or_default();
                count.compared += 1;
                count.mismatches += u64::from(comparison.agreement.is_mismatch());
            }
        }
        *self.agreement.entry(comparison.agreement).or_default() += 1;
        let Comparison { theirs, own, agreement } = comparison;
        if theirs.outcome.accepts().is_none() {
            *self.no_oracle.entry(kind_of(theirs)).or_default() += 1;
        } else if own.outcome.accepts().is_none() {
            *self.unsupported.entry(kind_of(own)).or_default() += 1;
        } else if theirs.is_rejected() {
            self.rejected += 1;
            let same = matches!(agreement, Agreement::Whole | Agreement::Processed | Agreement::Message);
            self.same_message += u64::from(same);
        }
    }
}

/// The reason without the numbers that differ from program to program.
fn kind_of(verdict: &Verdict) -> String {
    let digits_out = |word: &str| -> String {
        let plain = word.trim_matches(|c: char| c.is_ascii_punctuation());
        if !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_digit()) {
            word.replace(plain, "N")
        } else {
            word.to_owned()
        }
    };
    verdict.message.split(' ').map(digits_out).collect::<Vec<_>>().join(" ")
}

/// The user-space verifier that imitates a kernel, if one does.
pub fn imitation(kernel: &KernelId) -> Option<Verifier> {
    let release = kernel.release.split(|c: char| c != '.' && !c.is_ascii_digit()).next().unwrap_or_default();
    Some(Verifier::new(Profile::from_version(release)?).with_cpus(kernel.cpus))
}

/// Tries programs. Tells `progress` of each batch, and of the mismatches in it.
///
/// # Errors
/// What keeps the kernel from answering; what was found before has been told.
pub fn run(
    plan: &Plan,
    kernel: &mut dyn Engine,
    own: &Verifier,
    mut progress: impl FnMut(&Summary, &[(Attempt, Comparison)], &[Mismatch]),
) -> Result<Summary, EngineError> {
    let mut summary = Summary::default();
    let mut shrunk = 0;
    let mut index = plan.first;
    let end = plan.first.saturating_add(plan.count);
    while index < end {
        let last = end.min(index + plan.batch as u64);
        let attempts: Vec<Attempt> = (index..last).map(|index| plan.attempt(index)).collect();
        let comparisons = compare(kernel, own, &attempts, plan.longest)?;
        let mut mismatches = Vec::new();
        let pairs: Vec<(Attempt, Comparison)> = attempts.into_iter().zip(comparisons).collect();
        for (number, (attempt, comparison)) in (index..).zip(&pairs) {
            summary.add(attempt, comparison);
            if !comparison.agreement.is_mismatch() {
                continue;
            }
            let mut mismatch =
                Mismatch { index: number, attempt: attempt.clone(), comparison: comparison.clone() };
            if shrunk < plan.shrunk {
                shrunk += 1;
                make_small(plan, kernel, own, &mut mismatch)?;
            }
            mismatches.push(mismatch);
        }
        progress(&summary, &pairs, &mismatches);
        index = last;
    }
    Ok(summary)
}

fn make_small(
    plan: &Plan,
    kernel: &mut dyn Engine,
    own: &Verifier,
    mismatch: &mut Mismatch,
) -> Result<(), EngineError> {
    let effort = Effort { time: plan.shrink_time, batch: plan.batch, longest: plan.longest };
    let small = shrink(kernel, own, &mismatch.attempt, mismatch.comparison.agreement, effort)?;
    let comparisons = compare(kernel, own, std::slice::from_ref(&small), plan.longest)?;
    if let Some(comparison) = comparisons.into_iter().next()
        && comparison.agreement == mismatch.comparison.agreement
    {
        mismatch.attempt = small;
        mismatch.comparison = comparison;
    }
    Ok(())
}
