//! What a verifier is expected to say of a program: one outcome, and a line for each kernel range that differs.

use std::fmt;

use knockwright_asm::{KernelVersion, Reg};
use knockwright_verifier::{Outcome, Verdict};

use crate::errno;
use crate::kernel_range::Kernels;
use crate::register_state::state_after;

/// A verdict as it's expected, in full.
///
/// Exhaustive by design: it's told and compared in several places, and each has to know all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// The program is accepted.
    Accept {
        /// How many instructions the verifier walks; none where there is no log.
        processed: Option<u64>,
    },
    /// The program is rejected.
    Reject {
        /// The error number, positive.
        errno: i32,
        /// The slot of the last instruction in the level-2 log; none where the code is refused before it is walked.
        insn: Option<usize>,
        /// The last line of the log before its statistics, exactly.
        message: &'static str,
        /// How many instructions the verifier walks until then; none where the log is empty.
        processed: Option<u64>,
    },
}

/// A program that is accepted after so many instructions.
pub const fn accept(processed: u64) -> Expected {
    Expected::Accept { processed: Some(processed) }
}

/// A program that is accepted, without a log.
pub const fn accept_silently() -> Expected {
    Expected::Accept { processed: None }
}

/// A program that is rejected at an instruction.
pub const fn reject(errno: i32, insn: usize, message: &'static str, processed: u64) -> Expected {
    Expected::Reject { errno, insn: Some(insn), message, processed: Some(processed) }
}

/// A program that is refused before any instruction is walked: its form, its control flow, its encoding.
pub const fn refuse(errno: i32, message: &'static str) -> Expected {
    Expected::Reject { errno, insn: None, message, processed: Some(0) }
}

/// A program that is refused without a word: the log is empty.
pub const fn refuse_silently(errno: i32) -> Expected {
    Expected::Reject { errno, insn: None, message: "", processed: None }
}

/// What is different on a range of kernels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// All of it: the kernels of the range come to this outcome.
    To(Expected),
    /// The message of a rejection.
    Message(&'static str),
    /// The number of instructions walked.
    Processed(u64),
    /// The instruction of a rejection.
    At(usize),
    /// The error number of a rejection.
    Errno(i32),
}

/// A register's state after an instruction, as the level-2 log prints it.
///
/// The mark `_w` of kernels before 6.18 isn't part of the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct StateAt {
    /// The kernels that print it so.
    pub on: Kernels,
    /// The slot of the instruction.
    pub insn: usize,
    /// The register whose state is compared.
    pub register: Reg,
    /// The text after `R0=`.
    pub state: &'static str,
}

/// The state of a register after an instruction.
pub const fn state(on: Kernels, insn: usize, register: Reg, state: &'static str) -> StateAt {
    StateAt { on, insn, register, state }
}

/// What all kernels are expected to say of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Expectation {
    /// The outcome on all kernels without a line of their own.
    pub outcome: Expected,
    /// What other kernels say, line by line; later lines win.
    pub changes: &'static [(Kernels, Change)],
    /// Register states that teach.
    pub states: &'static [StateAt],
    /// The slugs of the classes that a rejection is of, where that isn't the case's own.
    pub faults: &'static [(Kernels, &'static str)],
}

impl Expectation {
    /// The same outcome on every kernel.
    pub const fn always(outcome: Expected) -> Self {
        Self { outcome, changes: &[], states: &[], faults: &[] }
    }

    /// The outcome on one kernel.
    pub fn on(&self, kernel: KernelVersion) -> Expected {
        let applies = |(range, _): &&(Kernels, Change)| range.contains(kernel);
        self.changes
            .iter()
            .filter(applies)
            .fold(self.outcome, |outcome, (_, change)| change.applied_to(outcome))
    }

    /// The slug of the class that a rejection on a kernel is of; `own` is the case's.
    pub fn fault(&self, kernel: KernelVersion, own: &'static str) -> &'static str {
        self.faults.iter().find(|(range, _)| range.contains(kernel)).map_or(own, |(_, slug)| slug)
    }

    /// What an observation has that isn't expected; nothing if it is as expected.
    pub fn differences(&self, kernel: KernelVersion, seen: &Verdict) -> Vec<Difference> {
        let mut differences = Vec::new();
        self.on(kernel).compare(seen, &mut differences);
        if differences.is_empty() {
            for expected in self.states.iter().filter(|state| state.on.contains(kernel)) {
                let found = state_after(&seen.log, expected.insn, expected.register);
                if found.as_deref() != Some(expected.state) {
                    let what = Aspect::State { insn: expected.insn, register: expected.register };
                    let found = found.unwrap_or_else(|| "nothing".to_owned());
                    differences.push(Difference { what, expected: expected.state.to_owned(), found });
                }
            }
        }
        differences
    }

    /// Whether the verdict is not the same on all kernels given.
    pub fn flips(&self, kernels: &[KernelVersion]) -> bool {
        let outcome = |kernel: &KernelVersion| self.on(*kernel).outcome();
        kernels.windows(2).any(|pair| outcome(&pair[0]) != outcome(&pair[1]))
    }
}

impl Change {
    fn applied_to(self, outcome: Expected) -> Expected {
        match (self, outcome) {
            (Self::To(to), _) => to,
            (Self::Processed(processed), Expected::Accept { .. }) => accept(processed),
            (_, Expected::Accept { .. }) => outcome,
            (change, Expected::Reject { errno, insn, message, processed }) => match change {
                Self::Message(message) => Expected::Reject { errno, insn, message, processed },
                Self::Processed(number) => Expected::Reject { errno, insn, message, processed: Some(number) },
                Self::At(slot) => Expected::Reject { errno, insn: Some(slot), message, processed },
                Self::Errno(errno) => Expected::Reject { errno, insn, message, processed },
                Self::To(to) => to,
            },
        }
    }
}

impl Expected {
    /// Accepted or rejected.
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Accept { .. } => Outcome::Accept,
            Self::Reject { .. } => Outcome::Reject,
        }
    }

    fn compare(&self, seen: &Verdict, differences: &mut Vec<Difference>) {
        let mut expect = |what, expected: String, found: String| {
            if expected != found {
                differences.push(Difference { what, expected, found });
            }
        };
        expect(Aspect::Verdict, self.outcome().to_string(), seen.outcome.to_string());
        if self.outcome().accepts() != seen.outcome.accepts() {
            if seen.is_rejected() {
                expect(Aspect::Message, String::new(), seen.said().to_owned());
            }
            return;
        }
        let number =
            |number: Option<u64>| number.map_or_else(|| "none".to_owned(), |number| number.to_string());
        let slot = |slot: Option<usize>| slot.map_or_else(|| "none".to_owned(), |slot| slot.to_string());
        // Without a log some engines know how many there were, and others don't.
        let counted = if seen.level == 0 { None } else { seen.processed };
        match *self {
            Self::Accept { processed } => {
                expect(Aspect::Processed, number(processed), number(counted));
            }
            Self::Reject { errno, insn, message, processed } => {
                expect(Aspect::Errno, errno::name(errno), errno::name(seen.errno));
                expect(Aspect::Insn, slot(insn), slot(seen.insn));
                expect(Aspect::Message, message.to_owned(), seen.said().to_owned());
                expect(Aspect::Processed, number(processed), number(counted));
            }
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accept { processed: Some(processed) } => {
                write!(f, "accept, {} processed", crate::words::counted(*processed, "instruction"))
            }
            Self::Accept { processed: None } => f.write_str("accept"),
            Self::Reject { errno, insn, message, .. } => {
                write!(f, "reject with {}", errno::name(*errno))?;
                if let Some(insn) = insn {
                    write!(f, " at {insn}")?;
                }
                if !message.is_empty() {
                    write!(f, ": {message}")?;
                }
                Ok(())
            }
        }
    }
}

/// What of a verdict differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Aspect {
    /// Accepted or rejected.
    Verdict,
    /// The error number of a rejection.
    Errno,
    /// The slot of the instruction that is refused.
    Insn,
    /// The log's last line before the summary.
    Message,
    /// The number of instructions walked.
    Processed,
    /// What the log shows of a register.
    State {
        /// The slot of the instruction in front.
        insn: usize,
        /// The register whose state is compared.
        register: Reg,
    },
}

impl fmt::Display for Aspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verdict => f.write_str("verdict"),
            Self::Errno => f.write_str("errno"),
            Self::Insn => f.write_str("instruction"),
            Self::Message => f.write_str("message"),
            Self::Processed => f.write_str("processed"),
            Self::State { insn, register } => write!(f, "state of {register} after {insn}"),
        }
    }
}

/// One thing that isn't as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// What differs.
    pub what: Aspect,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected `{}`, found `{}`", self.what, self.expected, self.found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::errno::EACCES;
    use crate::kernel_range::{ALL, since, until};

    const V6_1: KernelVersion = KernelVersion::new(6, 1);
    const V7_3: KernelVersion = KernelVersion::new(7, 3);

    const EXPECTED: Expectation = Expectation {
        outcome: reject(EACCES, 1, "no", 2),
        changes: &[(until(6, 1), Change::Message("never")), (since(7, 3), Change::To(accept(3)))],
        states: &[],
        faults: &[],
    };

    fn seen(log: &str, errno: i32) -> Verdict {
        Verdict::of_log(errno, log.to_owned(), 2)
    }

    #[test]
    fn each_kernel_has_its_line() {
        let log = |message| format!("0: (b7) r0 = 0\n1: (95) exit\n{message}\nprocessed 2 insns (limit 1)\n");
        assert_eq!(EXPECTED.differences(V6_1, &seen(&log("never"), EACCES)), []);
        let differences = EXPECTED.differences(V6_1, &seen(&log("no"), EACCES));
        assert_eq!(differences[0].to_string(), "message: expected `never`, found `no`");
        assert_eq!(EXPECTED.differences(V7_3, &seen("processed 3 insns (limit 1)\n", 0)), []);
        assert!(EXPECTED.flips(&[V6_1, V7_3]));
    }

    #[test]
    fn a_verdict_of_the_other_kind_shows_the_message() {
        let differences = EXPECTED.differences(V7_3, &seen("no\nprocessed 0 insns (limit 1)\n", EACCES));
        let text: Vec<String> = differences.iter().map(ToString::to_string).collect();
        assert_eq!(text, ["verdict: expected `accept`, found `reject`", "message: expected ``, found `no`"]);
    }

    #[test]
    fn states_are_compared_where_the_verdict_is_right() {
        let states = &[StateAt { on: ALL, insn: 0, register: Reg::R0, state: "1" }];
        let expected = Expectation { outcome: accept(1), changes: &[], states, faults: &[] };
        let log = "0: R1=ctx()\n0: (b7) r0 = 0    ; R0_w=0\nprocessed 1 insns (limit 1)\n";
        let differences = expected.differences(V7_3, &seen(log, 0));
        assert_eq!(differences[0].to_string(), "state of r0 after 0: expected `1`, found `0`");
    }
}
