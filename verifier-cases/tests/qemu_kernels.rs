//! The catalogue on kernels in QEMU: those named in `KNOCKWRIGHT_TEST_KERNELS` (`6.1,6.12`, or `all`).
//!
//! Without that variable one kernel is booted, the newest at hand, if there is one and QEMU is.

#![allow(clippy::print_stdout)] // a test says what it skips

mod support;

use std::io::stderr;

use knockwright_verifier_cases::engine::Engine;
use knockwright_verifier_cases::kernel_range::SERIES;
use knockwright_verifier_cases::kernels::{self, Wanted};
use knockwright_verifier_cases::run::select;
use knockwright_verifier_cases::{QemuEngine, article, matrix, qemu, report};
use support::{excuse, skip};

/// The series that may be missing, a line each, with the reason after `#`.
const MAY_BE_MISSING: &str = include_str!("../kernels-that-may-be-missing.txt");

/// The kernels asked for; none with a word on why.
fn engines() -> Vec<Box<dyn Engine + Send>> {
    if let Ok(named) = std::env::var("KNOCKWRIGHT_TEST_KERNELS") {
        return named.split(',').flat_map(asked_for).collect();
    }
    let newest = SERIES.iter().rev().find_map(|series| Some((series, kernels::image(*series).ok()?)));
    match (qemu::find_qemu(), newest) {
        (Some(_), Some((series, image))) => vec![Box::new(QemuEngine::new(series.to_string(), image))],
        (None, _) => {
            skip("kernels in QEMU", &"there is no QEMU");
            Vec::new()
        }
        (_, None) => {
            skip("kernels in QEMU", &"no kernel is at hand (`knockwright cases kernels fetch`)");
            Vec::new()
        }
    }
}

/// The engines of a name. A kernel that isn't at hand is a failure, unless it may be missing.
fn asked_for(name: &str) -> Vec<Box<dyn Engine + Send>> {
    let wanted: Wanted = name.parse().unwrap_or_else(|error| panic!("{error}"));
    match kernels::engines(&[wanted]) {
        Ok(engines) => engines,
        Err(error) => {
            assert!(may_be_missing(name), "{error}");
            excuse(name, &error);
            Vec::new()
        }
    }
}

fn may_be_missing(name: &str) -> bool {
    MAY_BE_MISSING.lines().filter_map(|line| line.split_whitespace().next()).any(|series| series == name)
}

#[test]
fn a_file_that_is_no_kernel_is_an_error_with_its_name() {
    if qemu::find_qemu().is_none() {
        skip("a_file_that_is_no_kernel_is_an_error_with_its_name", &"there is no QEMU");
        return;
    }
    let image = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let error = QemuEngine::new("no-kernel", image).verify(&[]).expect_err("this is no kernel").to_string();
    assert!(error.starts_with("kernel no-kernel: QEMU ended with"), "{error}");
}

#[test]
fn every_case_is_as_expected() {
    let cases = select(&[]).expect("all cases");
    let results = matrix::run_all(&cases, engines(), matrix::default_jobs(), |result| {
        if let Ok(done) = result {
            // Progress that can't be written is no failure.
            let _ = report::text::write(&mut stderr(), done);
        }
    });
    for result in results {
        result.unwrap_or_else(|error| panic!("{error}")).assert_passed();
    }
}

#[test]
fn the_articles_logs_come_back_on_6_12() {
    const TEST: &str = "the_articles_logs_come_back_on_6_12";
    let series = SERIES[2];
    if qemu::find_qemu().is_none() {
        skip(TEST, &"there is no QEMU");
        return;
    }
    let image = match kernels::image(series) {
        Ok(image) => image,
        Err(error) if may_be_missing(&series.to_string()) => return excuse(TEST, &error),
        Err(error) => return skip(TEST, &error),
    };
    let mut engine = QemuEngine::new(series.to_string(), image);
    for comparison in article::compare(&mut engine).unwrap_or_else(|error| panic!("{error}")) {
        assert_eq!(comparison.found(), comparison.pairs.len(), "{comparison:#?}");
    }
}
