//! The catalogue on kernels in QEMU: those named in `KNOCKWRIGHT_TEST_KERNELS` (`6.1,6.12`, or `all`).
//!
//! Without that variable one kernel is booted, the newest at hand, if there is one and QEMU is.

#![allow(clippy::print_stdout)] // a test says what it skips

mod support;

use std::io::stderr;

use knockwright_asm::text::parse_program;
use knockwright_kernels::{self as kernels, QemuEngine, Wanted, qemu};
use knockwright_linux::{AttachType, KernelVersion};
use knockwright_verifier::{Attempt, Engine, Outcome};
use knockwright_verifier_cases::kernel_range::SERIES;
use knockwright_verifier_cases::run::select;
use knockwright_verifier_cases::{article, matrix, report};
use support::{excuse, skip};

/// The series that may be missing, a line each, with the reason after `#`.
const MAY_BE_MISSING: &str = include_str!("../kernels-that-may-be-missing.txt");

/// The kernels asked for; none with a word on why.
fn engines() -> Vec<Box<dyn Engine>> {
    if let Ok(named) = std::env::var("KNOCKWRIGHT_TEST_KERNELS") {
        return named.split(',').flat_map(asked_for).collect();
    }
    let newest = SERIES.iter().rev().find_map(|series| Some((series, kernels::image(*series).ok()?)));
    match (qemu::find_qemu(), newest) {
        (Some(_), Some((series, image))) => vec![Box::new(QemuEngine::new(series.to_string(), image))],
        (None, _) => {
            skip("kernels in QEMU", "there is no QEMU");
            Vec::new()
        }
        (_, None) => {
            skip("kernels in QEMU", "no kernel is at hand (`knockwright cases kernels fetch`)");
            Vec::new()
        }
    }
}

/// The engines of a name. A kernel that isn't at hand is a failure, unless it may be missing.
fn asked_for(name: &str) -> Vec<Box<dyn Engine>> {
    let wanted: Wanted = name.parse().unwrap_or_else(|error| panic!("{error}"));
    match kernels::engines(&[wanted]) {
        Ok(engines) => engines,
        Err(error) => {
            assert!(may_be_missing(name), "{error}");
            excuse(name, error);
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
        skip("a_file_that_is_no_kernel_is_an_error_with_its_name", "there is no QEMU");
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
    let series = KernelVersion::new(6, 12);
    if qemu::find_qemu().is_none() {
        skip(TEST, "there is no QEMU");
        return;
    }
    let image = match kernels::image(series) {
        Ok(image) => image,
        Err(error) if may_be_missing(&series.to_string()) => {
            excuse(TEST, error);
            return;
        }
        Err(error) => {
            skip(TEST, error);
            return;
        }
    };
    let mut engine = QemuEngine::new(series.to_string(), image);
    for comparison in article::compare(&mut engine).unwrap_or_else(|error| panic!("{error}")) {
        assert_eq!(comparison.found(), comparison.pairs.len(), "{comparison:#?}");
    }
}

/// What a program is loaded with reaches the guest: its attach type, its flags, and a name with letters that the kernel
/// doesn't take.
#[test]
fn attach_types_flags_and_names_are_carried() {
    const UNKNOWN_FLAG: u32 = 1 << 31;
    for mut engine in engines() {
        let program = |text: &str| parse_program("t", text).unwrap_or_else(|errors| panic!("{errors}"));
        let mut bind = Attempt::new(program(".program t cgroup_sock_addr\nr0 = 0\nexit\n"));
        "a-b".clone_into(&mut bind.program.name);
        let receive = bind.clone().attached_as(AttachType::CgroupUdp4Recvmsg.number());
        let unknown = Attempt::new(program(".program t xdp\nr0 = 2\nexit\n")).with_flags(UNKNOWN_FLAG);
        let verdicts = engine.verify(&[bind, receive, unknown]).unwrap_or_else(|error| panic!("{error}"));
        let outcomes: Vec<Outcome> = verdicts.iter().map(|verdict| verdict.outcome).collect();
        // 0 is a result that programs at bind have, and those at recvmsg don't.
        assert_eq!(outcomes, [Outcome::Accept, Outcome::Reject, Outcome::Refuse], "{verdicts:#?}");
    }
}
