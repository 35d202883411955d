//! The C of the lessons: every clang that is here compiles it, and our verifier and the running kernel say of it what the lesson
//! says.

#![expect(clippy::print_stdout, reason = "the figures, with --nocapture")]

#[allow(dead_code)] // of the judge's file this test needs the compilers
#[path = "support/oracle.rs"]
mod oracle;
mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::thread;

use knockwright_asm::Endian;
use knockwright_codegen::read::{Choice, KernelFacts, Reading, readings_on};
use knockwright_explain::Explainer;
use knockwright_kernels::{HostEngine, types};
use knockwright_lessons::{Code, IN_C, InC, KERNEL};
use knockwright_verifier::{Attempt, Engine, Outcome, Profile, Verdict, Verifier};
use knockwright_verifier_cases::objects;
use oracle::Clang;
use support::cli::Scratch;
use support::skip::excuse;
use support::{may_load, skip};

const HEADERS: &str = "/usr/include/bpf/bpf_helpers.h";

/// Who needn't model everything.
const OURS: &str = "our verifier";

/// The log of the path that fails.
const FAILING_PATH: u32 = 1;

/// How much of a log's end is explained, in bytes: some are long.
const EXPLAINED: usize = 64 << 10;

#[test]
fn the_verifiers_say_of_c_what_the_lesson_says() {
    const TEST: &str = "the_verifiers_say_of_c_what_the_lesson_says";
    let clangs = Clang::installed();
    if clangs.is_empty() {
        skip(TEST, "no clang-14, clang-19, clang-22: install one");
        return;
    }
    if !Path::new(HEADERS).exists() && !skip(TEST, format_args!("no {HEADERS}: install libbpf-dev")) {
        return;
    }
    let mut engines: Vec<(&str, Box<dyn Engine>)> = vec![(OURS, Box::new(Verifier::new(Profile::V6_18_15)))];
    if may_load(TEST) {
        let mut host = HostEngine::new();
        let version = host.kernel().unwrap().version;
        if version == KERNEL
            || excuse(TEST, format_args!("the lessons are about {KERNEL}, this is {version}"))
        {
            engines.push(("the running kernel", Box::new(host)));
        }
    }
    let types = match types::of_host() {
        Ok(types) => KernelFacts::from(types),
        Err(error) => {
            skip(TEST, error);
            return;
        }
    };
    let scratch = Scratch::new();
    let objects = compiled(&clangs, &scratch);
    let (mut wrong, mut asked, mut unmodelled) = (Vec::new(), BTreeSet::new(), 0);
    for (class, code, clang, object) in &objects {
        let bytes = std::fs::read(object).unwrap();
        let readings = readings_on(&bytes, &Choice::default(), Some(&types)).unwrap();
        // Compilers often write the same.
        let new: Vec<_> = readings.iter().filter(|reading| asked.insert(question(class, reading))).collect();
        for (name, engine) in &mut engines {
            for reading in &new {
                let said = judged(class, code, reading, engine.as_mut());
                unmodelled += usize::from(*name == OURS && said == Ok(Outcome::Unsupported));
                let is_judged = |outcome| outcome != Outcome::Unsupported || *name == OURS;
                if said.as_ref().is_ok_and(|outcome| is_judged(*outcome)) {
                    continue;
                }
                wrong.push(format!("{class}, {clang}, {}, {name}: {said:?}", reading.name));
            }
        }
    }
    println!("{} programs, of which our verifier doesn't model {unmodelled}", asked.len());
    assert_eq!(wrong, Vec::<String>::new());
    assert!(unmodelled < asked.len() / 3, "most are judged");
}

/// Each file compiled by each compiler.
fn compiled(clangs: &[Clang], scratch: &Scratch) -> Vec<(&'static str, Code, String, PathBuf)> {
    let compile = |clang: &Clang| {
        let files = IN_C.iter().filter_map(|(class, in_c)| match in_c {
            InC::Code(code) if code.is_for_clang(clang.version) => Some((*class, *code)),
            _ => None,
        });
        files
            .map(|(class, code)| {
                let name = format!("clang-{}", clang.version);
                let source = scratch.file(&format!("{class}.{}.c", clang.version), code.text);
                let object = Path::new(&source).with_extension("o");
                clang.compile_with(Path::new(&source), &object, code.flags.iter().copied());
                (class, code, name, object)
            })
            .collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let threads: Vec<_> = clangs.iter().map(|clang| scope.spawn(move || compile(clang))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

/// What tells programs apart: class, name and code.
fn question(class: &'static str, reading: &Reading) -> (&'static str, String, Vec<u8>) {
    let code = reading.program.as_ref().map_or_else(|_| Vec::new(), |program| program.bytes(Endian::Little));
    (class, reading.name.clone(), code)
}

/// What an engine says of a program, if it's what the lesson says or nothing.
fn judged(class: &str, code: &Code, reading: &Reading, engine: &mut dyn Engine) -> Result<Outcome, String> {
    let attempt = objects::attempt(reading)?;
    let flags = attempt.flags | code.load_flags;
    let attempt = attempt.with_flags(flags).by(code.privilege).at_level(FAILING_PATH);
    let verdict = engine.verdict(&attempt);
    let wanted = match reading.name.as_str() {
        "fault" => Some(code.fault_of.unwrap_or(class)),
        _ => None,
    };
    match verdict.outcome {
        Outcome::Unsupported => Ok(verdict.outcome),
        Outcome::Accept if wanted.is_none() => Ok(verdict.outcome),
        Outcome::Reject if wanted.is_some() && class_of(&attempt, &verdict).as_deref() == wanted => {
            Ok(verdict.outcome)
        }
        outcome => Err(format!("{outcome}, {:?}: {}", class_of(&attempt, &verdict), verdict.message)),
    }
}

fn class_of(attempt: &Attempt, verdict: &Verdict) -> Option<String> {
    let mut explainer = Explainer::new().without_trace().programs(vec![attempt.program.clone()]);
    let end = &verdict.log.as_bytes()[verdict.log.len().saturating_sub(EXPLAINED)..];
    let explained = explainer.explain(end).ok()?.logs.pop()?;
    Some(explained.diagnosis.class.slug().to_owned())
}
