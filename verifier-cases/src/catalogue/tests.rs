//! The catalogue's form: names, lessons, twins, borders.

use std::collections::BTreeSet;

use knockwright_verifier::Outcome;

use super::*;
use crate::kernel_range::SERIES;

#[test]
fn there_is_enough_of_it() {
    assert!(CLASSES.len() >= 75, "{} classes", CLASSES.len());
    assert!(cases().count() >= 120, "{} cases", cases().count());
}

#[test]
fn names_are_unique_and_plain() {
    let mut seen = BTreeSet::new();
    let names = CLASSES.iter().map(|class| class.slug).chain(cases().map(|(_, case)| case.name));
    for name in names {
        assert!(
            name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
            "{name}"
        );
        assert!(seen.insert(name), "{name} is there twice");
    }
}

#[test]
fn classes_are_files_of_the_catalogue() {
    for class in CLASSES {
        let path = format!("{}/catalogue/{}.rs", env!("CARGO_MANIFEST_DIR"), class.slug);
        assert!(std::path::Path::new(&path).is_file(), "{path}");
        assert!(!class.cases.is_empty(), "{}", class.slug);
    }
}

#[test]
fn every_case_teaches_and_builds() {
    for (_, case) in cases() {
        let sentences = case.lesson.matches(['.', '?']).count();
        assert!(sentences >= 1 && case.lesson.ends_with(['.', ')']), "{}: {}", case.name, case.lesson);
        case.build().unwrap_or_else(|errors| panic!("{}: {errors}", case.name));
        let twin = case.build_twin().unwrap_or_else(|| panic!("{} has no twin", case.name));
        twin.unwrap_or_else(|errors| panic!("{}, twin: {errors}", case.name));
    }
}

#[test]
fn a_case_and_its_twin_differ_in_verdict_somewhere() {
    for (_, case) in cases() {
        let Some(twin) = &case.twin else { continue };
        let differ = SERIES
            .iter()
            .any(|kernel| case.expectation.on(*kernel).outcome() != twin.expectation.on(*kernel).outcome());
        assert!(differ, "{}", case.name);
    }
}

#[test]
fn every_kernel_is_taught_by_rejections_and_flips() {
    let rejected = cases().filter(|(_, case)| {
        SERIES.iter().any(|kernel| case.expectation.on(*kernel).outcome() == Outcome::Reject)
    });
    assert!(rejected.count() > 120);
    let flips = cases().filter(|(_, case)| case.expectation.flips(&SERIES)).count();
    assert!(flips >= 12, "{flips} cases flip between kernels");
}
