//! Where the numbers of a message come from, as it is shown.

use serde::Serialize;

/// The numbers of a message, calculated from what the log shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Derivation {
    /// In the order of the calculation.
    pub steps: Vec<DerivationStep>,
    /// What it comes to, in one line: `8 + 254 * 2 = 516, + 2 = 518 > 48`.
    pub result: String,
}

/// One step of a calculation.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DerivationStep {
    /// The instruction, if one does it.
    pub insn: Option<usize>,
    /// In words.
    pub text: String,
    /// What the step gives: a number or a range.
    pub value: String,
}
