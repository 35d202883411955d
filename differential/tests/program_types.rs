//! Random programs as those of each modelled program type that shares their context: the verdict is the kernel's.
//!
//! The random programs are made for some types; a type that is added to the rows is asked here without more ado.

mod support;

use knockwright_asm::ProgType;
use knockwright_differential::compare::{Agreement, compare};
use knockwright_differential::fuzz::{Answers, Plan};
use knockwright_differential::sweep::modelled;
use knockwright_verifier::Attempt;
use support::host;

/// Whether programs of two types start with the same struct in R1.
fn share_context(one: ProgType, other: ProgType) -> bool {
    let name = |prog_type: ProgType| prog_type.context().map(|context| context.name);
    one != other && name(one) == name(other)
}

/// The first random programs that were made for another type with the context of this one.
fn attempts(prog_type: ProgType, count: usize) -> Vec<Attempt> {
    let plan = Plan::new(40 + u64::from(prog_type.number()), 0, Answers::AtOnce);
    let all = (0..).map(|index| plan.attempt(index));
    let fitting = all.filter(|attempt| share_context(attempt.program.prog_type, prog_type));
    let retyped = fitting.map(|mut attempt| {
        attempt.program.prog_type = prog_type;
        attempt
    });
    retyped.take(count).collect()
}

#[test]
fn each_type_has_the_kernels_verdicts() {
    const COUNT: usize = 400;
    let Some(mut pair) = host("each_type_has_the_kernels_verdicts") else {
        return;
    };
    let shared = |prog_type: &ProgType| modelled().iter().any(|other| share_context(*prog_type, *other));
    let types: Vec<ProgType> = modelled().into_iter().filter(shared).collect();
    assert!(types.len() >= 3, "{types:?}");
    for prog_type in types {
        let attempts = attempts(prog_type, COUNT);
        let found = compare(pair.kernel.as_mut(), &pair.own, &attempts, None).unwrap();
        let mismatches: Vec<String> = attempts
            .iter()
            .zip(&found)
            .filter(|(_, comparison)| comparison.agreement.is_mismatch())
            .map(|(attempt, comparison)| format!("{} as {prog_type}: {comparison:?}", attempt.program.name))
            .collect();
        assert!(
            mismatches.is_empty(),
            "{} of {COUNT} differ, the first: {}",
            mismatches.len(),
            mismatches[0]
        );
        let compared = found.iter().filter(|comparison| comparison.agreement == Agreement::Whole).count();
        assert!(compared * 10 >= COUNT * 9, "only {compared} of {COUNT} as {prog_type}");
    }
}
