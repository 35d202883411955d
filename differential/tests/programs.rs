//! The project's own programs, programs that were once a mismatch, and random ones: the user-space log is the kernel's.

#[path = "support/skip.rs"]
mod skipping;

use knockwright_codegen::kernel_records;
use knockwright_differential::compare::{Agreement, compare, judge, own_answer};
use knockwright_differential::fuzz::{Answers, Plan, imitation, run};
use knockwright_differential::kept;
use knockwright_kernels::HostEngine;
use knockwright_programs::{article, examples, knock};
use knockwright_verifier::{Attempt, Engine, Outcome, Privilege, Profile, Verifier};

/// The running kernel and its imitation; else says why a test is skipped. In CI a skip is a failure.
fn engines(test: &str) -> Option<(HostEngine, Verifier)> {
    let mut kernel = HostEngine::new();
    let reason = match kernel.kernel() {
        Err(error) => error.to_string(),
        Ok(id) => match imitation(&id) {
            Some(own) => return Some((kernel, own)),
            None => format!("Linux {} isn't imitated", id.release),
        },
    };
    skipping::skip(test, reason);
    None
}

#[test]
fn own_programs_have_the_kernels_log() {
    let Some((mut kernel, own)) = engines("own_programs_have_the_kernels_log") else {
        return;
    };
    let programs = [
        article::null(),
        article::null_fixed(),
        article::bounds(),
        article::bounds_fixed(),
        examples::pass(),
        examples::count(),
        examples::drop_by_prefix(),
        knock::program(),
    ];
    let attempts: Vec<Attempt> = programs
        .iter()
        .flat_map(|program| {
            let attempt = Attempt::new(program.clone()).with_btf(kernel_records(program));
            [1, 2].map(|level| attempt.clone().at_level(level))
        })
        .collect();
    let comparisons = compare(&mut kernel, &own, &attempts, None).unwrap();
    for (attempt, found) in attempts.iter().zip(comparisons) {
        let name = &attempt.program.name;
        assert_eq!(found.agreement, Agreement::Whole, "{name} level {}: {found:?}", attempt.level);
    }
}

/// Checks programs against the answers that kernels gave; returns the releases that it met.
fn check(text: &str) -> Vec<String> {
    let mut releases = Vec::new();
    for program in kept::read(text).unwrap() {
        let release = program.release.split(['+', '-']).next().unwrap();
        let profile = Profile::from_version(release).unwrap();
        let own = Verifier::new(profile).with_cpus(program.cpus);
        let found = own_answer(&own, &program.attempt);
        let name = &program.attempt.program.name;
        assert_eq!(judge(&program.answer, &found), Agreement::Whole, "{name} on {release}: {found:?}");
        releases.push(release.to_owned());
    }
    releases
}

/// Programs that showed a mistake of the user-space verifier once, each with the log of the kernel that it was found on.
#[test]
fn what_was_a_mismatch_is_none_any_more() {
    assert!(check(include_str!("data/mismatches.jsonl")).len() >= 65);
}

/// Programs that tell the rules of one kernel from those of another, each with the log of each of three kernels: loops that
/// `may_goto` ends, callbacks, tail calls and packet loads in functions, references in them, records of BTF, accesses that
/// order, writes at offsets that vary.
#[test]
fn each_rule_is_that_of_its_kernel() {
    let mut releases = check(include_str!("data/rules.jsonl"));
    assert_eq!(releases.len(), 252);
    releases.sort();
    releases.dedup();
    assert_eq!(releases, ["6.12.117", "6.18.15", "6.18.44"]);
}

/// What a profile says of a program of `rules.jsonl`: the verdict, and the message of a rejection.
fn said(name: &str, profile: Profile) -> (Outcome, String) {
    let programs = kept::read(include_str!("data/rules.jsonl")).unwrap();
    let program = programs.into_iter().find(|program| program.attempt.program.name == name).unwrap();
    let seen = own_answer(&Verifier::new(profile), &program.attempt);
    (seen.outcome, seen.message)
}

/// The verdicts by profile, in words: what is recorded above can't be recorded anew by mistake. Of 6.8 no kernel is at hand;
/// its column is what is known of the release.
#[test]
fn the_profiles_differ_where_their_kernels_do() {
    const UNBOUNDED_FP: &str = "math between fp pointer and register with unbounded min value is not allowed";
    const UNBOUNDED_VALUE: &str =
        "math between map_value pointer and register with unbounded min value is not allowed";
    const SPILLED: &str = "invalid read from stack R3 off -8+2 size 8";
    const INDIRECT: &str = "invalid indirect read from stack R3 off -8+2 size 8";
    const DEEP: &str = "the call stack of 8 frames is too deep !";
    const UNKNOWN: &str = "BPF_ATOMIC uses invalid atomic opcode 100";
    const LOADS: &str = "BPF_ATOMIC loads from R1 ctx is not allowed";
    const MISALIGNED: &str = "misaligned packet access off 2+0+0+1 size 4";
    const LEAK: &str = "BPF_EXIT instruction in main prog would lead to reference leak";
    // On 6.8, 6.12, 6.18.15 and 6.18; `None` where the profile doesn't have the instruction, "" is accepted.
    let rows: &[(&str, [Option<&str>; Profile::ALL.len()])] = &[
        ("a2_random", [None, Some(UNBOUNDED_FP), Some(UNBOUNDED_FP), Some(UNBOUNDED_FP)]),
        ("a3_random", [None, Some(""), Some(""), Some("")]),
        ("a4", [Some(""), Some(""), Some(UNBOUNDED_VALUE), Some(UNBOUNDED_VALUE)]),
        ("a9", [Some(INDIRECT), Some(""), Some(SPILLED), Some("")]),
        ("load_acquire_ctx4", [Some(UNKNOWN), Some(UNKNOWN), Some(LOADS), Some(LOADS)]),
        ("pkt_load_mis", [Some(UNKNOWN), Some(UNKNOWN), Some(MISALIGNED), Some(MISALIGNED)]),
        ("dead_deep", [Some(DEEP); 4]),
        ("may_goto_0", [None, Some("invalid may_goto off 0 imm 0"), Some(""), Some("")]),
        ("ref_main_tail_function", [Some(""); 4]),
        ("ref_function_tail", [Some(""), Some(""), Some(LEAK), Some(LEAK)]),
    ];
    for (name, answers) in rows {
        for (&profile, &answer) in Profile::ALL.iter().zip(answers) {
            let Some(answer) = answer else { continue };
            let verdict = if answer.is_empty() { Outcome::Accept } else { Outcome::Reject };
            assert_eq!(said(name, profile), (verdict, answer.to_owned()), "{name} on {}", profile.name());
        }
    }
}

/// Random programs with the logs of kernels that don't run here, by root and without CAP_PERFMON.
#[test]
fn random_programs_have_the_recorded_logs() {
    let mut releases = check(include_str!("data/samples.jsonl"));
    assert_eq!(releases.len(), 212);
    releases.sort();
    releases.dedup();
    assert_eq!(releases, ["6.12.117", "6.18.15", "6.18.44"]);
}

#[test]
fn random_programs_have_the_kernels_verdict() {
    let Some((mut kernel, own)) = engines("random_programs_have_the_kernels_verdict") else {
        return;
    };
    let summary = run(&Plan::new(7, 2000, Answers::AtOnce), &mut kernel, &own, |_, _, _| {}).unwrap();
    let wrong = summary.count(Agreement::FalseAccept) + summary.count(Agreement::FalseReject);
    assert_eq!((wrong, summary.programs), (0, 2000), "{summary:?}");
    assert_eq!(summary.same_message, summary.rejected, "{summary:?}");
    assert!(summary.count(Agreement::Whole) * 1000 >= summary.compared() * 998, "{summary:?}");
    assert!(summary.compared() >= 1980, "{summary:?}");
}

/// Without any kernel: what no profile and no privilege may do is panic, or take without end.
#[test]
fn every_profile_comes_to_a_verdict() {
    for index in 0..150 {
        for (seed, privilege) in [(30, Privilege::Full), (31, Privilege::WithoutPerfmon)] {
            let mut plan = Plan::new(seed, 0, Answers::AtOnce);
            plan.privilege = privilege;
            for &profile in Profile::ALL {
                let _ = own_answer(&Verifier::new(profile), &plan.attempt(index));
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_programs() {
    let plan = Plan::new(3, 50, Answers::AtOnce);
    for index in 0..50 {
        assert_eq!(plan.attempt(index), plan.attempt(index));
        assert_ne!(
            plan.attempt(index).program.items,
            Plan::new(4, 50, Answers::AtOnce).attempt(index).program.items
        );
    }
}

#[test]
fn kept_lines_are_read_back() {
    let text = include_str!("data/mismatches.jsonl");
    for (kept, line) in kept::read(text).unwrap().iter().zip(text.lines()) {
        assert_eq!(kept::read(&kept.line()).unwrap(), std::slice::from_ref(kept), "{line}");
    }
    assert!(kept::read("{}").unwrap_err().to_string().starts_with("line 1: "));
}
