//! Random programs as those of each modelled program type that shares their context: the verdict is the kernel's.
//!
//! The random programs are made for some types; a type that is added to the rows is asked here without more ado.

mod support;

use knockwright_asm::ProgType;
use knockwright_differential::compare::{Agreement, Question, compare};
use knockwright_differential::fuzz::Plan;
use knockwright_differential::sweep::modelled;
use support::host;

/// Whether programs of two types start with the same struct in R1.
fn share_context(one: ProgType, other: ProgType) -> bool {
    let name = |prog_type: ProgType| prog_type.context().map(|context| context.name);
    one != other && name(one) == name(other)
}

/// The first random programs that were made for another type with the context of this one.
fn questions(prog_type: ProgType, count: usize) -> Vec<Question> {
    let plan = Plan::new(40 + u64::from(prog_type.number()), 0, false);
    let all = (0..).map(|index| plan.question(index));
    let fitting = all.filter(|question| share_context(question.program.prog_type, prog_type));
    let retyped = fitting.map(|mut question| {
        question.program.prog_type = prog_type;
        question
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
        let questions = questions(prog_type, COUNT);
        let (_, found) = compare(pair.kernel.as_mut(), &mut pair.own, &questions, u64::MAX).unwrap();
        let mismatches: Vec<String> = questions
            .iter()
            .zip(&found)
            .filter(|(_, comparison)| comparison.agreement.is_mismatch())
            .map(|(question, comparison)| format!("{} as {prog_type}: {comparison:?}", question.program.name))
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
