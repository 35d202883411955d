//! The catalogue on the running kernel. Without the privilege to load programs these tests say so and pass.

#![allow(clippy::print_stdout)] // a test says what it skips

mod support;

use knockwright_kernels::HostEngine;
use knockwright_linux::KernelVersion;
use knockwright_verifier::{Engine, EngineError};
use knockwright_verifier_cases::article;
use knockwright_verifier_cases::run::{RunError, run, select};
use support::skip;

#[test]
fn every_case_is_as_expected() {
    match run(&select(&[]).expect("all cases"), &mut HostEngine::new()) {
        Ok(report) => report.assert_passed(),
        Err(RunError::Engine(EngineError::NotPermitted(why))) => {
            skip("every_case_is_as_expected", why);
        }
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn the_articles_logs_come_back_line_by_line() {
    let mut engine = HostEngine::new();
    if let Err(EngineError::NotPermitted(why)) = engine.kernel() {
        skip("the_articles_logs_come_back_line_by_line", why);
        return;
    }
    for comparison in article::compare(&mut engine).expect("the running kernel answers") {
        let mut text = Vec::new();
        comparison.write(&mut text).expect("a Vec takes everything");
        println!("{}", String::from_utf8_lossy(&text));
        let version = comparison.kernel.version;
        let between = KernelVersion::new(6, 8)..=KernelVersion::new(7, 0);
        // From 7.1 on the log leaves out registers that are not used any more, and before 6.8 it has other names.
        if between.contains(&version) {
            assert_eq!(comparison.found(), comparison.pairs.len());
        }
    }
}
