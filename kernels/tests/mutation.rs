//! Deleting or loosening any guard of any program in the catalogue must show on the running kernel.
//!
//! Guards are conditional jumps, masks and `may_goto`. A case whose expectation holds without one of its guards would teach
//! something that isn't so. In an accepted program each guard must be needed: without it, and with a looser one, the
//! expectation fails. A comparison with a constant is loosened by one, up or down, whichever lets more through. In a
//! rejected program a guard may be beside the point of the error, but then some change of it must show, or it's listed here
//! with the reason.

#![allow(clippy::print_stdout)] // a test says what it skips

mod support;

use std::collections::BTreeMap;

use knockwright_asm::{AluOp, Code, Insn, Source};
use knockwright_kernels::HostEngine;
use knockwright_verifier::{Attempt, Engine, Outcome};
use knockwright_verifier_cases::run::{Selected, Subject, attempts, select};
use support::skip;

/// One way to weaken a guard.
struct Mutant {
    /// The guard's case, instruction and place.
    guard: String,
    how: How,
    attempt: Attempt,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Deleted,
    Loosened,
}

fn with(attempt: &Attempt, index: usize, insn: Insn) -> Attempt {
    let mut attempt = attempt.clone();
    attempt.program.items[index].code = Code::Insn(insn);
    attempt
}

/// What came of weakening a guard.
#[derive(Debug, Default)]
struct Guard {
    /// Whether its program is accepted as it is.
    accepted: bool,
    deletion_noticed: bool,
    /// None for a comparison of two registers, and for `may_goto`, which have nothing to loosen.
    loosening_noticed: Option<bool>,
}

impl Guard {
    fn matters(&self) -> bool {
        match self.accepted {
            true => self.deletion_noticed && self.loosening_noticed.unwrap_or(true),
            false => self.deletion_noticed || self.loosening_noticed.unwrap_or(false),
        }
    }
}

/// A guard is deleted by a jump to the next instruction, which keeps all distances.
const NOTHING: Insn = Insn::Goto { off: 0 };

fn mutants(case: &str, attempt: &Attempt) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for (index, item) in attempt.program.items.iter().enumerate() {
        let Code::Insn(insn) = item.code else { continue };
        let mut add = |how: How, mutated: Insn| {
            let guard = format!("{case}: {insn} (instruction {index})");
            mutants.push(Mutant { guard, how, attempt: with(attempt, index, mutated) });
        };
        match insn {
            Insn::JumpIf { width, cond, dst, src, off } => {
                add(How::Deleted, NOTHING);
                if let Source::Imm(imm) = src {
                    for loosened in [imm.wrapping_add(1), imm.wrapping_sub(1)] {
                        let src = Source::Imm(loosened);
                        add(How::Loosened, Insn::JumpIf { width, cond, dst, src, off });
                    }
                }
            }
            Insn::Alu { width, op: AluOp::And, dst, src: Source::Imm(imm) } => {
                add(How::Deleted, NOTHING);
                let src = Source::Imm(imm << 1 | 1);
                add(How::Loosened, Insn::Alu { width, op: AluOp::And, dst, src });
            }
            Insn::MayGoto { .. } => add(How::Deleted, NOTHING),
            _ => {}
        }
    }
    mutants
}

/// Guards that are rightly beside the point, each with the reason.
const BESIDE_THE_POINT: &[(&str, &str)] = &[
    (
        "article-",
        "guards of the packet's fields; the NULL check and the bound are the difference to the twins",
    ),
    ("bound-kept-in-spill+twin", "the bound is lost on the stack, whatever it was: that is the case"),
    ("bound-lost-in-arithmetic", "the bound is too large before and after"),
    ("cgroup-read-from-memory: if r0 == 0x0 goto pc+2", "it stands after the fault: the twin has it"),
    ("context-variable-offset", "any mask makes a variable"),
    ("copy-in-register-checked+twin", "the check is of another pointer: that is the case"),
    ("copy-on-stack-checked+twin", "the check comes too late: that is the case"),
    ("equal-to-bounded-register+twin", "the mask is too wide already"),
    ("fault-on-dead-branch+twin", "any condition that is not known"),
    ("index-checked-in-copy+twin", "the check is of another number: that is the case"),
    ("index-checked-in-lower-half", "a check of the lower half proves nothing: that is the case"),
    ("index-signed-check", "a signed check leaves the negative numbers: that is the case"),
    ("jump-into-callee", "where the jump goes is what counts"),
    ("lookup-checked-against-one", "the check proves nothing: that is the case"),
    ("loop-of-sixteen+twin", "any mask that keeps the counter from its bound"),
    ("offset-before-null-check", "the check comes too late: that is the case"),
    ("packet-end-arithmetic", "the subtraction in front of the comparison is refused"),
    ("packet-length-compared", "the check proves nothing: that is the case"),
    ("packet-offset-over-65535", "the mask is too wide already"),
    ("packet-plus-variable-without-perfmon", "any variable, however bounded"),
    ("packet-variable-offset-unchecked", "any variable; the range is lost"),
    ("pointer-compared", "any comparison of an address"),
    ("reserve-variable-size", "any variable, however bounded; what follows is not reached"),
    ("signed-range-from-both-sides+twin", "the lower end is what is wrong"),
    ("size-maybe-negative", "a signed check leaves the negative numbers: that is the case"),
    ("stack-variable-write-without-perfmon+twin", "the variable is not used: that is the repair"),
];

#[test]
fn every_guard_matters() {
    let cases: Vec<Selected<'_>> = select(&[]).expect("all cases");
    let mut batch = Vec::new();
    let mut about = Vec::new();
    for selected in &cases {
        // Walks of a million instructions and thousands of equal jumps would only cost time.
        if selected.case.log_level < 2 {
            continue;
        }
        for (subject, attempt) in attempts(selected.case, &[2]).expect("programs without mistakes") {
            let (name, expectation) = match (subject, &selected.case.twin) {
                (Subject::Twin, Some(twin)) => (format!("{}+twin", selected.case.name), &twin.expectation),
                _ => (selected.case.name.to_owned(), &selected.case.expectation),
            };
            for mutant in mutants(&name, &attempt) {
                batch.push(mutant.attempt);
                about.push((mutant.guard, mutant.how, expectation));
            }
        }
    }
    let mut engine = HostEngine::new();
    let kernel = match engine.kernel() {
        Ok(kernel) => kernel,
        Err(error) => {
            skip("every_guard_matters", error);
            return;
        }
    };
    let verdicts = engine.verify(&batch).expect("the running kernel answers");
    let mut guards: BTreeMap<&str, Guard> = BTreeMap::new();
    for (verdict, (guard, how, expectation)) in verdicts.iter().zip(&about) {
        let noticed = match verdict.outcome.accepts() {
            Some(_) => !expectation.differences(kernel.version, verdict).is_empty(),
            None => true,
        };
        let guard = guards.entry(guard).or_default();
        guard.accepted = expectation.on(kernel.version).outcome() == Outcome::Accept;
        match how {
            How::Deleted => guard.deletion_noticed = noticed,
            How::Loosened => *guard.loosening_noticed.get_or_insert(false) |= noticed,
        }
    }
    let excused = |guard: &str| BESIDE_THE_POINT.iter().any(|(known, _)| guard.starts_with(known));
    let survivors: Vec<&str> = guards
        .iter()
        .filter(|(name, guard)| !guard.matters() && !excused(name))
        .map(|(name, _)| *name)
        .collect();
    println!("{} guards, {} mutants, {} survivors", guards.len(), batch.len(), survivors.len());
    assert!(survivors.is_empty(), "{} guards do not matter:\n{}", survivors.len(), survivors.join("\n"));
}
