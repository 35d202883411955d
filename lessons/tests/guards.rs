//! Guards over the catalogue: the kernel accepts the program with the guard, and rejects it with the next weaker one.

#![allow(clippy::print_stdout)] // figures, for who runs it with --nocapture

mod support;

use std::collections::BTreeSet;

use knockwright_asm::{Code, Cond, Imm64, Insn, Program, Source};
use knockwright_explain::{Checker, Explainer, Guard};
use knockwright_kernels::HostEngine;
use knockwright_verifier::{Attempt, Engine, EngineError, KernelId, Privilege, Verdict};
use knockwright_verifier_cases::case::Case;
use knockwright_verifier_cases::catalogue;

/// Classes whose repair is a condition: each has cases below that get one.
const GUARD_SHAPED: &[&str] = &[
    "array-constant-key",
    "division-range",
    "equality-range",
    "helper-packet-argument",
    "linked-scalars",
    "lower-half-check",
    "map-value-max",
    "map-value-negative-index",
    "map-value-or-null",
    "map-value-unbounded",
    "negative-size",
    "not-equal-range",
    "or-null-argument",
    "or-null-arithmetic",
    "packet-check-before-offset",
    "packet-check-reversed",
    "packet-check-too-short",
    "packet-length-check",
    "packet-offset-too-large",
    "packet-unchecked",
    "result-range",
    "ringbuf-or-null",
    "signed-bounds",
    "speculative-arithmetic",
    "spilled-bounds",
    "stack-variable-offset",
    "unbounded-size",
    "zero-size",
];

/// An engine that remembers what it was asked and what the kernel said.
struct Witness<'e> {
    engine: &'e mut HostEngine,
    seen: Vec<(Program, Verdict)>,
}

impl Engine for Witness<'_> {
    fn kernel(&mut self) -> Result<KernelId, EngineError> {
        self.engine.kernel()
    }

    fn verify(&mut self, attempts: &[Attempt]) -> Result<Vec<Verdict>, EngineError> {
        let verdicts = self.engine.verify(attempts)?;
        let programs = attempts.iter().map(|attempt| attempt.program.clone());
        self.seen.extend(programs.zip(verdicts.iter().cloned()));
        Ok(verdicts)
    }
}

/// Whether a program has a comparison with a number that occurs in the original less often.
fn compares(program: &Program, original: &Program, cond: Cond, limit: i64) -> bool {
    let count = |program: &Program| {
        let insns = program.items.iter().filter_map(|item| match item.code {
            Code::Insn(insn) => Some(insn),
            Code::Raw(_) => None,
        });
        insns
            .filter(|insn| match insn {
                Insn::JumpIf { cond: found, src: Source::Imm(imm), .. } => {
                    *found == cond && i64::from(*imm) == limit
                }
                Insn::LoadImm64 { value: Imm64::Const(value), .. } => value.cast_signed() == limit,
                // The bytes of a packet's guard are added to a pointer.
                Insn::Alu { src: Source::Imm(imm), .. } => i64::from(*imm) == limit,
                _ => false,
            })
            .count()
    };
    count(program) > count(original)
}

/// Checks what the kernel said of the guarded programs against what the guard claims.
fn assert_witnessed(case: &str, guard: &Guard, original: &Program, seen: &[(Program, Verdict)]) {
    assert!(guard.checked, "{case}: {} before {}: {}", guard.condition, guard.insn, guard.evidence);
    let (cond, limit) =
        match (guard.limit, guard.condition.contains(" <= "), guard.condition.contains(" s>= ")) {
            (None, ..) => (Cond::Ne, 0),
            (Some(limit), _, true) => (Cond::Sge, limit),
            (Some(limit), true, _) => (Cond::Le, limit),
            (Some(limit), ..) => (Cond::Ge, limit),
        };
    let is_original = |program: &Program| program == original;
    let accepted = seen.iter().any(|(program, verdict)| {
        verdict.is_accepted() && !is_original(program) && compares(program, original, cond, limit)
    });
    assert!(accepted, "{case}: the kernel never accepted the program with `{}`", guard.condition);
    let is_packet = guard.condition.ends_with("data_end");
    let weaker = match cond {
        Cond::Le if is_packet => limit - 1,
        Cond::Le => limit + 1,
        _ => 0,
    };
    let rejected = seen.iter().any(|(program, verdict)| {
        let is_weaker = if cond == Cond::Le && weaker > 0 {
            compares(program, original, cond, weaker)
        } else {
            is_original(program)
        };
        !verdict.is_accepted() && is_weaker
    });
    assert!(rejected, "{case}: the kernel never rejected what is weaker than `{}`", guard.condition);
}

/// What an explanation is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    LogAlone,
    LogAndProgram,
}

/// Explains how the running kernel rejects a program of a case, and checks its guard; gives the class, if there's a guard.
fn check(
    engine: &mut HostEngine,
    case: &'static Case,
    name: &str,
    program: &Program,
    given: Given,
) -> Option<&'static str> {
    let attempt = |program: &Program| case.attempt(program.clone()).at_level(Attempt::EVERY_PATH);
    let seen = engine.verdict(&attempt(program));
    assert_eq!(seen.why_none(), None, "{name}");
    if seen.is_accepted() {
        return None;
    }
    let rights = if case.privilege == Privilege::WithoutPerfmon { " without CAP_PERFMON" } else { "" };
    let mut witness = Witness { engine, seen: Vec::new() };
    let checker = Checker::new(&mut witness, format!("this kernel{rights}"), attempt);
    let programs = if given == Given::LogAndProgram { vec![program.clone()] } else { Vec::new() };
    let explained =
        Explainer::new().programs(programs).checker(checker).explain(seen.log.as_bytes()).unwrap();
    let diagnosis = explained.logs.into_iter().next()?.diagnosis;
    let guard = diagnosis.guard?;
    if given == Given::LogAndProgram {
        assert_witnessed(name, &guard, program, &witness.seen);
    } else if guard.checked {
        // A program rebuilt from its log: what was tried last stands for it.
        assert!(guard.evidence.starts_with("rebuilt from the log"), "{name}: {}", guard.evidence);
    }
    guard.checked.then_some(diagnosis.class.slug())
}

#[test]
fn the_kernel_accepts_each_guard_and_rejects_the_next_weaker_one() {
    if !support::can_load("the_kernel_accepts_each_guard_and_rejects_the_next_weaker_one") {
        return;
    }
    let mut engine = HostEngine::new();
    let mut classes = BTreeSet::new();
    let (mut guards, mut rebuilt) = (0, 0);
    for (_, case) in catalogue::cases().filter(|(_, case)| case.log_level == 2) {
        let mut programs = vec![(case.name.to_owned(), case.build().unwrap())];
        programs.extend(case.build_twin().map(|twin| (format!("{}+twin", case.name), twin.unwrap())));
        for (name, program) in programs {
            if let Some(class) = check(&mut engine, case, &name, &program, Given::LogAndProgram) {
                guards += 1;
                classes.insert(class);
                rebuilt += usize::from(check(&mut engine, case, &name, &program, Given::LogAlone).is_some());
            }
        }
    }
    println!("{guards} guards checked, {rebuilt} of them on the program rebuilt from its log alone");
    let missing: Vec<_> = GUARD_SHAPED.iter().filter(|class| !classes.contains(**class)).collect();
    assert!(missing.is_empty(), "no guard was found for {missing:?}");
    assert!(rebuilt * 10 >= guards * 9, "{rebuilt} of {guards}");
}
