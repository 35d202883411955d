//! A row: what one verifier says of one program of an object.

use knockwright_explain::Explanation;
use serde::{Deserialize, Serialize};

/// What one verifier says of one program. Serialised, it's a line of `verify --format jsonl`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// The object, as it was named.
    pub(crate) object: String,
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
}

/// Which row it is, whatever it says.
pub(crate) type Key<'a> = (&'a str, &'a str, &'a str, &'a str, Option<&'a str>);

impl Row {
    /// Which row it is: two runs over the same objects have the same.
    pub(crate) fn key(&self) -> Key<'_> {
        (&self.object, &self.program, &self.kernel, &self.engine, self.config.as_deref())
    }

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
}

/// A row with what else reports say of it.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) row: Row,
    /// Why a rejected program was rejected.
    pub(crate) explanation: Option<Explanation>,
    /// What is wrong with its count of instructions or its verdict.
    pub(crate) faults: Vec<super::budget::Fault>,
    /// What it was before, where a baseline knows it.
    pub(crate) before: Option<Row>,
}

impl Judged {
    /// Whether it closes the gate: rejected, or over its budget. What can't be told is no failure of the program.
    pub(crate) fn fails(&self) -> bool {
        self.row.is_rejected() || !self.faults.is_empty()
    }

    /// What is wrong, a line each, the verifier's words first.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.row.is_rejected() {
            let place = self.row.insn.map_or_else(String::new, |insn| format!(" at {insn}"));
            lines.push(format!("rejected{place}: {}", self.row.message));
        } else if !self.row.is_verdict() {
            lines.push(format!("{}: {}", self.row.verdict, self.row.message));
        }
        if let Some(explanation) = &self.explanation {
            let diagnosis = &explanation.diagnosis;
            lines.extend(diagnosis.derivation.as_ref().map(|derivation| derivation.result.clone()));
            if let Some(source) = diagnosis.source.as_ref() {
                let place = source.file.as_ref().zip(source.line);
                lines.push(match place {
                    Some((file, line)) => format!("{file}:{line}: {}", source.text),
                    None => source.text.clone(),
                });
            }
            lines.push(match &diagnosis.guard {
                Some(guard) => {
                    let c = guard.c.as_ref().map_or_else(String::new, |c| format!(": {c}"));
                    format!("`{}` before instruction {}{c}", guard.condition, guard.insn)
                }
                None => diagnosis.fix.clone(),
            });
        }
        lines.extend(self.faults.iter().map(ToString::to_string));
        lines
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
}
