//! Programs that tell the sides of a rule apart: with the rule as another kernel has it, the verifier says something else.

use knockwright_verifier::{Attempt, Profile, Rules, Verifier};

use crate::shrink::smaller;

/// The profiles whose kernels can be asked.
pub const ASKED: [Profile; 3] = [Profile::V6_12, Profile::V6_18_15, Profile::V6_18];

/// The rules that need a witness: all but the series, which says what instructions and helpers there are.
pub fn rules() -> impl Iterator<Item = &'static str> {
    Rules::NAMES.iter().copied()
}

/// One rule of a profile as another profile has it.
#[derive(Debug, Clone, Copy)]
pub struct Turned {
    /// The kernel whose rule was turned.
    pub profile: Profile,
    rules: &'static Rules,
}

impl Turned {
    /// Every way in which a rule of the profiles whose kernels can be asked may be as in another profile.
    pub fn all(rule: &str) -> Vec<Self> {
        let mut turned = Vec::new();
        for profile in ASKED {
            for other in Profile::ALL {
                if let Some(rules) = profile.rules().taking(rule, other.rules()) {
                    // A few for each rule, kept until the end of the test that asks for them.
                    turned.push(Self { profile, rules: Box::leak(Box::new(rules)) });
                }
            }
        }
        turned
    }
}

/// What the verifier says of a program: the error number and the log, or nothing where it doesn't model it.
pub fn answer(verifier: Verifier, attempt: &Attempt) -> Option<(i32, String)> {
    let verdict = verifier.run(attempt);
    verdict.outcome.accepts().map(|_| (verdict.errno, verdict.log))
}

/// How many of the turns of a rule change what is said of a program; `None` where some profile doesn't model it.
pub fn told_apart(attempt: &Attempt, turned: &[Turned], cpus: u32) -> Option<usize> {
    let mut plain: Vec<(Profile, (i32, String))> = Vec::new();
    for profile in ASKED {
        plain.push((profile, answer(Verifier::new(profile).with_cpus(cpus), attempt)?));
    }
    let changes = |turned: &&Turned| {
        let other = answer(Verifier::new(turned.profile).with_cpus(cpus).with_rules(turned.rules), attempt);
        let said = plain.iter().find(|(profile, _)| *profile == turned.profile).map(|(_, said)| said);
        other.is_some() && other.as_ref() != said
    };
    Some(turned.iter().filter(changes).count())
}

/// The program with slots taken away as long as it tells as many sides apart.
pub fn shrink(attempt: Attempt, turned: &[Turned], cpus: u32) -> Attempt {
    let wanted = told_apart(&attempt, turned, cpus);
    let mut best = attempt;
    while let Some(next) =
        smaller(&best).into_iter().find(|candidate| told_apart(candidate, turned, cpus) == wanted)
    {
        best = next;
    }
    best
}
