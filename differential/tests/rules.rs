//! Each rule in which the imitated kernels differ has a program that tells its sides apart, with what the kernels say of
//! it: `tests/data/witnesses.jsonl`, a line a rule and kernel. The example `witness` finds and records them.

mod support;

use knockwright_differential::compare::compare;
use knockwright_differential::kept::{self, Kept};
use knockwright_differential::witness::{ASKED, Turned, answer, rules, told_apart};
use knockwright_kernels::HostEngine;
use knockwright_verifier::log::without_addresses;
use knockwright_verifier::{Attempt, Engine, Profile, Verdict, Verifier};
use support::imitated;

/// A turn that changes nothing, with the reason.
const SILENT: &[(&str, Profile, &str)] = &[(
    "constant_keys",
    Profile::V6_12,
    "helpers count as writing the key that they read, which is forgotten with it",
)];

/// Differences that are no rules, since they change words alone: of messages, by their rows, and of states, by the dialect.
const WORDS: &[&str] = &["bug_words", "dialect", "no_prog_array"];

fn witnesses() -> Vec<Kept> {
    kept::read(include_str!("data/witnesses.jsonl")).unwrap()
}

fn profile_of(witness: &Kept) -> Profile {
    Profile::from_version(&witness.release).unwrap()
}

#[test]
fn every_rule_has_a_witness() {
    let witnesses = witnesses();
    for rule in rules() {
        let of_rule: Vec<&Kept> = witnesses.iter().filter(|kept| kept.attempt.program.name == rule).collect();
        for profile in ASKED {
            let asked = of_rule.iter().filter(|kept| profile_of(kept) == profile).count();
            assert_eq!(
                asked,
                1,
                "{rule} on {}: CONTRIBUTING.md shows how a witness is recorded",
                profile.name()
            );
        }
        let question = &of_rule[0].attempt;
        assert!(of_rule.iter().all(|kept| kept.attempt == *question), "{rule}: one program for all kernels");
        let turned = Turned::all(rule);
        assert!(!turned.is_empty(), "{rule} is alike on all profiles");
        for turn in turned {
            let silent = SILENT.iter().any(|&(name, profile, _)| name == rule && profile == turn.profile);
            let told = told_apart(question, &[turn], of_rule[0].cpus);
            assert_eq!(told, Some(usize::from(!silent)), "{rule} turned on {}", turn.profile.name());
        }
    }
    let known: Vec<&str> = rules().collect();
    for kept in &witnesses {
        let name = &kept.attempt.program.name;
        let is_known = known.contains(&name.as_str()) || WORDS.contains(&name.as_str());
        assert!(is_known, "there is no rule {name}");
    }
}

#[test]
fn profiles_say_of_witnesses_what_kernels_say() {
    for kept in witnesses() {
        let (errno, log) =
            answer(Verifier::new(profile_of(&kept)).with_cpus(kept.cpus), &kept.attempt).unwrap();
        let name = &kept.attempt.program.name;
        assert_eq!(
            (errno, without_addresses(&log)),
            (kept.answer.errno, kept.answer.log),
            "{name} on {}",
            kept.release
        );
    }
}

/// The running kernel's error number, found with a log too long to be kept.
fn with_its_log(attempt: &Attempt) -> Verdict {
    let verdict = HostEngine::new().verdict(&attempt.clone().at_level(1));
    assert_eq!(verdict.why_none(), None);
    Verdict::of_log(verdict.errno, String::new(), 0)
}

#[test]
fn kernels_say_of_witnesses_what_is_recorded() {
    let witnesses = witnesses();
    for mut pair in imitated("kernels_say_of_witnesses_what_is_recorded") {
        let profile = Profile::from_version(pair.release.split(['+', '-']).next().unwrap()).unwrap();
        let of_kernel: Vec<&Kept> = witnesses.iter().filter(|kept| profile_of(kept) == profile).collect();
        let attempts: Vec<Attempt> = of_kernel.iter().map(|kept| kept.attempt.clone()).collect();
        let answers = compare(pair.kernel.as_mut(), &pair.own, &attempts, None)
            .unwrap_or_else(|error| panic!("{error}"));
        for (kept, found) in of_kernel.iter().zip(answers) {
            let name = &kept.attempt.program.name;
            // Without a log the loader can't tell a verdict from a lack of memory.
            let theirs = match found.theirs.outcome.accepts() {
                Some(_) => found.theirs,
                None => with_its_log(&kept.attempt),
            };
            assert_eq!(
                (theirs.errno, theirs.log),
                (kept.answer.errno, kept.answer.log.clone()),
                "{name} on {}",
                pair.release
            );
        }
    }
}
