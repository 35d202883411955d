//! Guards from logs alone, by our own verifier: how many are checked on the whole program or on the path that the log shows, and
//! that each of those was seen to hold.

#![allow(clippy::print_stdout)] // figures, for who runs it with --nocapture

use std::collections::BTreeMap;

use knockwright_asm::{Code, Cond, Insn, Program, Source};
use knockwright_explain::{Checker, Diagnosis, Explainer, Guard};
use knockwright_verifier::{Attempt, Engine, EngineError, KernelId, Profile, Verdict, Verifier};
use knockwright_verifier_cases::kernel_range::SERIES;
use knockwright_verifier_cases::packed;

/// An engine that remembers what it was asked and what it said.
struct Witness {
    engine: Verifier,
    seen: Vec<(Program, Verdict)>,
}

impl Engine for Witness {
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

/// Where a log is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    /// Level 2 of kernels that list all instructions, since Linux 6.15.
    Listed,
    /// The others, which show the instructions of the paths walked.
    Paths,
    /// Our own programs, on kernels of either sort.
    Own,
}

/// How many guards there are, how many are checked, and how many on the path shown.
#[derive(Debug, Default)]
struct Count {
    guards: usize,
    checked: usize,
    on_path: usize,
}

fn logs() -> Vec<(String, Of, String)> {
    let mut logs = Vec::new();
    for kernel in SERIES {
        for entry in packed::recording(&kernel.to_string()).unwrap().entries {
            if entry.verdict.is_rejected() {
                let is_listed =
                    entry.level == 2 && kernel.to_string().as_str() != "5.10" && kernel.to_string() != "6.1";
                let is_listed = is_listed && kernel.to_string() != "6.12";
                let of = if is_listed { Of::Listed } else { Of::Paths };
                let name = format!("{kernel} {} {:?} {}", entry.case, entry.subject, entry.level);
                logs.push((name, of, entry.verdict.log));
            }
        }
    }
    for line in include_str!("../../explain/tests/own/logs.jsonl").lines() {
        let log: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| log[key].as_str().unwrap().to_owned();
        logs.push((format!("{} {}", text("kernel"), text("name")), Of::Own, text("log")));
    }
    logs
}

fn explain(log: &str) -> (Diagnosis, Vec<(Program, Verdict)>) {
    let mut witness = Witness { engine: Verifier::new(Profile::NEWEST), seen: Vec::new() };
    let checker =
        Checker::new(&mut witness, "our verifier", |program: &Program| Attempt::new(program.clone()));
    let diagnosis =
        Explainer::new().checker(checker).explain(log.as_bytes()).unwrap().logs.remove(0).diagnosis;
    (diagnosis, witness.seen)
}

/// The comparison of a guard, and that of the next weaker one; none for that if it's no comparison.
fn comparisons(guard: &Guard) -> ((Cond, i64), Option<(Cond, i64)>) {
    let Some(limit) = guard.limit else { return ((Cond::Ne, 0), None) };
    if guard.condition.contains(" s>= ") {
        ((Cond::Sge, limit), (limit != 0).then(|| (Cond::Sge, limit - 1)))
    } else if guard.condition.contains(" s<= ") {
        ((Cond::Sle, limit), Some((Cond::Sle, limit + 1)))
    } else if guard.condition.contains(" >= ") {
        ((Cond::Ge, limit), (limit > 1).then(|| (Cond::Ge, limit - 1)))
    } else if guard.condition.ends_with("data_end") {
        // The bytes are added to a copy of the pointer.
        ((Cond::Le, limit), (limit > 1).then(|| (Cond::Le, limit - 1)))
    } else {
        ((Cond::Le, limit), Some((Cond::Le, limit + 1)))
    }
}

/// How often a program has a comparison.
fn count(program: &Program, guard: &Guard, (cond, limit): (Cond, i64)) -> usize {
    let is_packet = guard.condition.ends_with("data_end");
    let is_it = |insn: &Insn| match insn {
        Insn::JumpIf { cond: found, src: Source::Imm(imm), .. } => {
            !is_packet && *found == cond && i64::from(*imm) == limit
        }
        Insn::Alu { src: Source::Imm(imm), .. } => is_packet && i64::from(*imm) == limit,
        Insn::LoadImm64 { value: knockwright_asm::Imm64::Const(value), .. } => value.cast_signed() == limit,
        _ => false,
    };
    program.items.iter().filter(|item| matches!(&item.code, Code::Insn(insn) if is_it(insn))).count()
}

/// Whether what was asked shows that a guard holds: with it a program gets past the instruction, with the next weaker not.
fn is_witnessed(diagnosis: &Diagnosis, guard: &Guard, seen: &[(Program, Verdict)]) -> bool {
    let Some(fault) = diagnosis.insn else { return false };
    let (kept, weaker) = comparisons(guard);
    let same = |one: &Program, other: &Program| one.prog_type == other.prog_type && one.maps == other.maps;
    seen.iter().any(|(plain, verdict)| {
        // The program without a guard, which is rejected at the fault.
        let is_base = verdict.insn == Some(fault) && !verdict.is_accepted();
        let guarded = || {
            let longer = |program: &Program| program.items.len() > plain.items.len();
            seen.iter().filter(move |(program, _)| same(program, plain) && longer(program))
        };
        let has = |program: &Program, what| count(program, guard, what) > count(plain, guard, what);
        let gets_past = |program: &Program, verdict: &Verdict| {
            let added = program.slot_count() - plain.slot_count();
            verdict.is_accepted() || verdict.insn != Some(fault + added)
        };
        let holds = guarded().any(|(program, verdict)| gets_past(program, verdict) && has(program, kept));
        let refused = weaker.is_none_or(|weaker| {
            guarded().any(|(program, verdict)| !verdict.is_accepted() && has(program, weaker))
        });
        is_base && holds && refused
    })
}

#[test]
fn guards_from_logs_alone_hold_and_are_checked_where_the_log_shows_enough() {
    let mut counts: BTreeMap<Of, Count> = BTreeMap::new();
    let mut unseen = Vec::new();
    for (name, of, log) in logs() {
        let (diagnosis, seen) = explain(&log);
        let Some(guard) = diagnosis.conditions().next() else { continue };
        let count = counts.entry(of).or_default();
        count.guards += 1;
        count.checked += usize::from(guard.checked);
        count.on_path += usize::from(guard.checked_on_path);
        assert!(!(guard.checked && guard.checked_on_path), "{name}: {guard:?}");
        assert!(
            !guard.checked_on_path || guard.evidence.contains("doesn't show aren't checked"),
            "{name}: {guard:?}"
        );
        for guard in diagnosis.conditions().filter(|guard| guard.checked || guard.checked_on_path) {
            if !is_witnessed(&diagnosis, guard, &seen) {
                unseen.push(format!("{name}: `{}` before {}", guard.condition, guard.insn));
            }
        }
    }
    println!("{counts:#?}");
    assert!(unseen.is_empty(), "{} of them:\n{}", unseen.len(), unseen.join("\n"));
    let share = |of: Of| {
        let count = &counts[&of];
        (count.checked + count.on_path) * 100 / count.guards
    };
    assert!(share(Of::Listed) >= 90 && share(Of::Paths) >= 80 && share(Of::Own) >= 50, "{counts:#?}");
    assert!(counts[&Of::Listed].on_path == 0, "all of it is shown: {counts:#?}");
}
