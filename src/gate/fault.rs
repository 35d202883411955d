//! What is wrong with a row besides a rejection.

use std::fmt;

use serde::Serialize;

/// What is wrong with a row besides a rejection: an element of `faults` in `verify --format jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "rule", rename_all = "kebab-case")]
pub(crate) enum Fault {
    /// It takes more instructions than it may.
    OverBudget { processed: u64, budget: u64 },
    /// It takes more than before, by more than is tolerated.
    OverBaseline { before: u64, now: u64 },
    /// It isn't what the file of expectations says.
    Unexpected { expected: String, found: String },
}

/// What reports say of a kind of fault, whichever row has it.
pub(crate) struct Rule {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) help: &'static str,
}

impl Fault {
    /// The rule that is broken.
    pub(crate) fn rule(&self) -> Rule {
        match self {
            Self::OverBudget { .. } => Rule {
                id: "over-budget",
                title: "The verifier processes more instructions than the budget allows",
                help: "Make the program cheaper for the verifier (fewer branches that stay apart, shorter loops), or raise --budget.",
            },
            Self::OverBaseline { .. } => Rule {
                id: "over-baseline",
                title: "The verifier processes more instructions than before",
                help: "Find the change that costs them, or write the baseline anew with --save.",
            },
            Self::Unexpected { .. } => Rule {
                id: "unexpected",
                title: "The verdict isn't the expected one",
                help: "Mend the program, or the line of --expect.",
            },
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OverBudget { processed, budget } => {
                write!(
                    f,
                    "{processed} instructions processed, {} over the budget of {budget}",
                    processed - budget
                )
            }
            Self::OverBaseline { before, now } => {
                write!(f, "{now} instructions processed, {} more than the {before} before", now - before)?;
                match before {
                    0 => Ok(()),
                    before => write!(f, " (+{:.1}%)", (*now as f64 / *before as f64 - 1.0) * 100.0),
                }
            }
            Self::Unexpected { expected, found } => write!(f, "expected {expected}, found {found}"),
        }
    }
}
