//! How many instructions a program may take, and how much more than before.

use std::str::FromStr;

use super::fault::Fault;
use super::row::Row;

/// How many instructions the verifier walks before it gives up (`BPF_COMPLEXITY_LIMIT_INSNS`).
pub(crate) const LIMIT: u64 = 1_000_000;

/// How many processed instructions a program may take: `--budget 5000` or `--budget 80%` of the verifier's limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget(u64);

impl FromStr for Budget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_suffix('%') {
            Some(percent) => {
                let percent = percent_of(percent)?;
                if percent > 100.0 {
                    return Err("more than 100% of the verifier's limit is no limit".to_owned());
                }
                Ok(Self((LIMIT as f64 * percent / 100.0) as u64))
            }
            None => text.parse().map(Self).map_err(|_| {
                format!(
                    "expected a number of instructions, or a percentage of {LIMIT} such as 80%, found `{text}`"
                )
            }),
        }
    }
}

/// How much a count may rise above the baseline's: `--tolerance 5%`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Tolerance(f64);

impl FromStr for Tolerance {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        percent_of(text.strip_suffix('%').unwrap_or(text)).map(Self)
    }
}

fn percent_of(text: &str) -> Result<f64, String> {
    let percent: Option<f64> = text.trim().parse().ok();
    percent
        .filter(|percent| percent.is_finite() && *percent >= 0.0)
        .ok_or_else(|| format!("expected a percentage, found `{text}`"))
}

/// What is wrong with a row, by its budget and by what it was before.
pub(crate) fn faults(
    row: &Row,
    budget: Option<Budget>,
    before: Option<&Row>,
    tolerance: Tolerance,
) -> Vec<Fault> {
    let Some(processed) = row.processed.filter(|_| row.is_accepted()) else { return Vec::new() };
    let mut faults = Vec::new();
    if let Some(Budget(budget)) = budget.filter(|budget| processed > budget.0) {
        faults.push(Fault::OverBudget { processed, budget });
    }
    // What was rejected before may take what it takes.
    let before = before.filter(|before| before.is_accepted()).and_then(|before| before.processed);
    if let Some(before) = before
        && processed as f64 > before as f64 * (1.0 + tolerance.0 / 100.0)
    {
        faults.push(Fault::OverBaseline { before, now: processed });
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::row::tests::row;

    #[test]
    fn budgets_are_numbers_or_parts_of_the_limit() {
        assert_eq!("5000".parse(), Ok(Budget(5000)));
        assert_eq!("80%".parse(), Ok(Budget(800_000)));
        assert_eq!("0.5%".parse(), Ok(Budget(5000)));
        for wrong in ["", "%", "-1", "-1%", "1e9%", "x", "nan%", "5 000"] {
            assert!(wrong.parse::<Budget>().is_err(), "{wrong}");
        }
        assert_eq!("5%".parse(), Ok(Tolerance(5.0)));
        assert_eq!("2.5".parse(), Ok(Tolerance(2.5)));
        assert!("-3%".parse::<Tolerance>().is_err());
    }

    #[test]
    fn the_border_is_within() {
        let budget = Some(Budget(100));
        let faults_of = |processed| faults(&row("a.o", "p", processed), budget, None, Tolerance::default());
        assert_eq!(faults_of(100), []);
        let over = faults_of(103);
        assert_eq!(over[0].to_string(), "103 instructions processed, 3 over the budget of 100");
    }

    #[test]
    fn a_rise_beyond_the_tolerance_says_by_how_much() {
        let before = row("a.o", "p", 200);
        let risen = |now, tolerance: &str| {
            faults(&row("a.o", "p", now), None, Some(&before), tolerance.parse().unwrap())
        };
        assert_eq!(risen(210, "5%"), []);
        assert_eq!(risen(150, "0"), []);
        let faults = risen(211, "5%");
        assert_eq!(faults[0].to_string(), "211 instructions processed, 11 more than the 200 before (+5.5%)");
        let mut rejected = before.clone();
        "reject".clone_into(&mut rejected.verdict);
        assert_eq!(super::faults(&row("a.o", "p", 900), None, Some(&rejected), Tolerance(0.0)), []);
    }
}
