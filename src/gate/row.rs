//! A row: what one verifier says of one program of an object.

use knockwright_explain::Explanation;
use serde::{Deserialize, Serialize};

use super::expect::Expectation;
use super::fault::Fault;
use crate::failure::Status;

/// What one verifier says of one program. Serialised, it's a line of `verify --format jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// The object, as it was named or found in a folder that was.
    pub(crate) object: String,
    /// Empty where the object as a whole can't be read.
    pub(crate) program: String,
    pub(crate) section: String,
    pub(crate) prog_type: String,
    /// The kernel's name: `host`, `6.12`.
    pub(crate) kernel: String,
    /// `kernel` or `userspace`.
    pub(crate) engine: String,
    /// The configuration, where there is one.
    pub(crate) config: Option<String>,
    /// `accept`, `reject`, `unsupported` or `error`.
    pub(crate) verdict: String,
    pub(crate) errno: i32,
    pub(crate) insn: Option<usize>,
    pub(crate) message: String,
    pub(crate) processed: Option<u64>,
    pub(crate) total_states: Option<u64>,
    pub(crate) peak_states: Option<u64>,
    /// The class of a rejection, by the slug of the catalogue.
    pub(crate) class: Option<String>,
    /// The release of the kernel that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) release: Option<String>,
    /// The object's path in the folder that was named, or its file's name: the same wherever the folder lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) relative: Option<String>,
    /// What the program names that the kernel hasn't, where that is why it was rejected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) poisoned: Vec<String>,
}

impl Row {
    /// Whether it's a verdict on the program.
    pub(crate) fn is_verdict(&self) -> bool {
        matches!(self.verdict.as_str(), "accept" | "reject")
    }

    pub(crate) fn is_accepted(&self) -> bool {
        self.verdict == "accept"
    }

    pub(crate) fn is_rejected(&self) -> bool {
        self.verdict == "reject"
    }

    /// Whether the object is bad, or something failed that isn't the program's.
    pub(crate) fn is_error(&self) -> bool {
        self.verdict == "error"
    }

    /// The row in a few words: `a.o: knock on 6.12`.
    pub(crate) fn label(&self) -> String {
        self.label_on(&self.kernel)
    }

    /// The same on several kernels.
    pub(crate) fn label_on(&self, kernels: &str) -> String {
        let config = self.config.as_ref().map_or_else(String::new, |config| format!(" with {config}"));
        match self.program.as_str() {
            "" => format!("{} on {kernels}{config}", self.object),
            program => format!("{}: {program} on {kernels}{config}", self.object),
        }
    }

    /// Whether another row is of the same program, whatever the kernel.
    pub(crate) fn is_same_program(&self, other: &Self) -> bool {
        (&self.object, &self.program, &self.config) == (&other.object, &other.program, &other.config)
    }

    /// What the verdict alone makes of the exit status.
    fn status(&self) -> Status {
        match self.verdict.as_str() {
            "accept" => Status::Done,
            "reject" => Status::Rejected,
            "error" if self.errno == 0 => Status::BadInput,
            _ => Status::NotPossible,
        }
    }
}

/// A place in a source file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourcePlace {
    pub(crate) file: String,
    /// Counted from 1, where it's known.
    pub(crate) line: Option<u32>,
    /// The same.
    pub(crate) column: Option<u32>,
    pub(crate) text: String,
}

/// A row with what else reports say of it.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) row: Row,
    /// Why a rejected program was rejected.
    pub(crate) explanation: Option<Explanation>,
    /// Where the rejected instruction comes from, else the program's first.
    pub(crate) source: Option<SourcePlace>,
    /// The rejected instruction, in the kernel's syntax.
    pub(crate) instruction: Option<String>,
    /// The whole log, where it's asked for.
    pub(crate) log: Option<String>,
    /// What is wrong with its count of instructions or its verdict.
    pub(crate) faults: Vec<Fault>,
    /// What it was before, where a baseline knows it.
    pub(crate) before: Option<Row>,
    /// What was expected, where that is what came.
    pub(crate) expected: Option<Expectation>,
}

impl Judged {
    /// A row of which nothing else is known.
    pub(crate) fn new(row: Row) -> Self {
        Self {
            row,
            explanation: None,
            source: None,
            instruction: None,
            log: None,
            faults: Vec::new(),
            before: None,
            expected: None,
        }
    }

    /// Whether it closes the gate: rejected unexpectedly, or with a fault. What can't be told is no failure of the program.
    pub(crate) fn fails(&self) -> bool {
        !self.faults.is_empty() || (self.row.is_rejected() && self.expected.is_none())
    }

    /// Whether there is something to say of it: it fails, or nothing can be told and that isn't expected.
    pub(crate) fn is_wrong(&self) -> bool {
        self.fails() || (!self.row.is_verdict() && self.expected.is_none())
    }

    /// Its part in the exit status.
    pub(crate) fn status(&self) -> Status {
        match () {
            () if !self.faults.is_empty() => Status::Rejected,
            () if self.expected.is_some() => Status::Done,
            () => self.row.status(),
        }
    }

    /// What is wrong, a line each, the verifier's words first.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.row.is_rejected() {
            let place = self.row.insn.map_or_else(String::new, |insn| format!(" at {insn}"));
            lines.push(match self.row.message.as_str() {
                "" => format!("rejected{place}: errno {}", self.row.errno),
                message => format!("rejected{place}: {message}"),
            });
        } else if !self.row.is_verdict() {
            lines.push(format!("{}: {}", self.row.verdict, self.row.message));
        }
        lines.extend(self.row.poisoned.iter().cloned());
        if self.row.is_rejected() {
            self.explain(&mut lines);
        }
        lines.extend(self.faults.iter().map(ToString::to_string));
        lines
    }

    /// Where a rejection comes from, and what helps.
    fn explain(&self, lines: &mut Vec<String>) {
        let diagnosis = self.explanation.as_ref().map(|explanation| &explanation.diagnosis);
        lines.extend(diagnosis.and_then(|diagnosis| Some(diagnosis.derivation.as_ref()?.result.clone())));
        if let Some(source) = &self.source {
            lines.push(match source.line {
                Some(line) => format!("{}:{line}: {}", source.file, source.text),
                None => format!("{}: {}", source.file, source.text),
            });
        }
        // What the kernel hasn't is no guard's fault.
        let Some(diagnosis) = diagnosis.filter(|_| self.row.poisoned.is_empty()) else { return };
        lines.push(match &diagnosis.guard {
            Some(guard) => {
                let c = guard.c.as_ref().map_or_else(String::new, |c| format!(": {c}"));
                let checked = guard.certainty();
                format!("`{}` before instruction {} ({checked}){c}", guard.condition, guard.insn)
            }
            None => diagnosis.fix.clone(),
        });
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An accepted program.
    pub(crate) fn row(object: &str, program: &str, processed: u64) -> Row {
        Row {
            object: object.to_owned(),
            program: program.to_owned(),
            section: "xdp".to_owned(),
            prog_type: "xdp".to_owned(),
            kernel: "6.12".to_owned(),
            engine: "kernel".to_owned(),
            config: None,
            verdict: "accept".to_owned(),
            errno: 0,
            insn: None,
            message: String::new(),
            processed: Some(processed),
            total_states: Some(3),
            peak_states: Some(2),
            class: None,
            release: None,
            relative: None,
            poisoned: Vec::new(),
        }
    }

    /// A rejected one.
    pub(crate) fn rejected(object: &str, program: &str) -> Row {
        Row {
            verdict: "reject".to_owned(),
            errno: knockwright_linux::errno::EACCES,
            insn: Some(7),
            message: "R0 invalid mem access 'map_value_or_null'".to_owned(),
            class: Some("map-value-or-null".to_owned()),
            ..row(object, program, 8)
        }
    }

    /// An object that isn't one.
    pub(crate) fn broken(object: &str) -> Row {
        Row {
            verdict: "error".to_owned(),
            message: "this is no ELF file".to_owned(),
            processed: None,
            total_states: None,
            peak_states: None,
            ..row(object, "", 0)
        }
    }

    #[test]
    fn a_line_of_json_has_the_names_of_the_format() {
        let line = serde_json::to_value(rejected("a.o", "p")).unwrap();
        let names: Vec<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
        let mut expected = [
            "object",
            "program",
            "section",
            "prog_type",
            "kernel",
            "engine",
            "config",
            "verdict",
            "errno",
            "insn",
            "message",
            "processed",
            "total_states",
            "peak_states",
            "class",
        ];
        expected.sort_unstable();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, expected);
    }

    #[test]
    fn statuses_go_by_the_verdict_and_the_error_number() {
        let status = |row| Judged::new(row).status();
        assert_eq!(status(row("a.o", "p", 2)), Status::Done);
        assert_eq!(status(rejected("a.o", "p")), Status::Rejected);
        assert_eq!(status(broken("a.o")), Status::BadInput);
        // The kernel or its loader refused: nothing of the program was verified.
        assert_eq!(
            status(Row { errno: knockwright_linux::errno::EINVAL, ..broken("a.o") }),
            Status::NotPossible
        );
        assert_eq!(status(Row { verdict: "unsupported".to_owned(), ..broken("a.o") }), Status::NotPossible);
    }
}
