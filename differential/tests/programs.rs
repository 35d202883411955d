//! The project's own programs, programs that were once a mismatch, and random ones: the user-space log is the kernel's.

use std::io::Write as _;

use knockwright_asm::Program;
use knockwright_codegen::kernel_records;
use knockwright_differential::compare::{Agreement, Question, compare, judge, own_answer};
use knockwright_differential::fuzz::{Plan, imitation, run};
use knockwright_differential::kept;
use knockwright_loader::raw_program::{BtfBlobs, RawProgram};
use knockwright_programs::{article, examples, knock};
use knockwright_verifier::Profile;
use knockwright_verifier_cases::engine::Engine;
use knockwright_verifier_cases::{HostEngine, Privilege, UserspaceEngine};

/// The running kernel and its imitation; else says why a test is skipped. In CI a skip is a failure.
fn engines(test: &str) -> Option<(HostEngine, UserspaceEngine)> {
    let mut kernel = HostEngine::new();
    let reason = match kernel.verify(&[]) {
        Err(error) => error.to_string(),
        Ok((id, _)) => match imitation(&id) {
            Some(own) => return Some((kernel, own)),
            None => format!("Linux {} isn't imitated", id.release),
        },
    };
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{test} must not be skipped here: {reason}");
    let _ = writeln!(std::io::stderr(), "test {test} ... skipped: {reason}");
    None
}

fn raw(program: &Program) -> RawProgram {
    let records = kernel_records(program);
    let btf = BtfBlobs { btf: records.btf, func_info: records.func_info, line_info: records.line_info };
    RawProgram::new(program, Some(btf))
}

#[test]
fn own_programs_have_the_kernels_log() {
    let Some((mut kernel, mut own)) = engines("own_programs_have_the_kernels_log") else {
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
    let questions: Vec<Question> = programs
        .iter()
        .flat_map(|program| {
            [1, 2].map(|level| Question { program: raw(program), level, privilege: Privilege::Full })
        })
        .collect();
    let (_, comparisons) = compare(&mut kernel, &mut own, &questions, u64::MAX).unwrap();
    for (question, found) in questions.iter().zip(comparisons) {
        let name = &question.program.name;
        assert_eq!(found.agreement, Agreement::Whole, "{name} level {}: {found:?}", question.level);
    }
}

/// Checks programs against the answers that kernels gave; returns the releases that it met.
fn check(text: &str) -> Vec<String> {
    let mut releases = Vec::new();
    for program in kept::read(text).unwrap() {
        let release = program.release.split(['+', '-']).next().unwrap();
        let profile = Profile::from_version(release).unwrap();
        let mut own = UserspaceEngine::new(profile).with_cpus(program.cpus);
        let found = own_answer(&mut own, &program.question);
        let theirs = Ok(program.answer.clone());
        let name = &program.question.program.name;
        assert_eq!(judge(&theirs, &found), Agreement::Whole, "{name} on {release}: {found:?}");
        releases.push(release.to_owned());
    }
    releases
}

/// Programs that showed a mistake of the user-space verifier once, each with the log of the kernel that it was found on.
#[test]
fn what_was_a_mismatch_is_none_any_more() {
    assert!(check(include_str!("data/mismatches.jsonl")).len() >= 120);
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
    let Some((mut kernel, mut own)) = engines("random_programs_have_the_kernels_verdict") else {
        return;
    };
    let summary = run(&Plan::new(7, 2000, false), &mut kernel, &mut own, |_, _, _| {}).unwrap();
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
            let plan = Plan { privilege, ..Plan::new(seed, 0, false) };
            for &profile in Profile::ALL {
                let _ = own_answer(&mut UserspaceEngine::new(profile), &plan.question(index));
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_programs() {
    let plan = Plan::new(3, 50, false);
    for index in 0..50 {
        assert_eq!(plan.question(index), plan.question(index));
        assert_ne!(plan.question(index).program.insns, Plan::new(4, 50, false).question(index).program.insns);
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
