//! Every object of `objects/` is a test: its programs are accepted by the running kernel, with few instructions.
//!
//! The build script writes the tests; an object that is put into the folder is one more.

use std::io::Write as _;

use knockwright_codegen::read::KernelFacts;
use knockwright_kernels::{HostEngine, types};
use knockwright_verifier::EngineError;
use knockwright_verifier_cases::run::RunError;
use knockwright_verifier_cases::trial::{self, Trial, accept};

/// What a program of this crate may cost.
const MOST: u64 = 1000;

fn check(name: &str, object: &[u8]) {
    // What is named in the kernel, and fields of its structs, go by the running kernel's types.
    let kernel = types::of_host().ok().map(KernelFacts::from);
    let trials = Trial::of_object(name, object, kernel.as_ref()).unwrap_or_else(|error| panic!("{error}"));
    let trials: Vec<Trial> = trials.into_iter().map(|trial| trial.expect(accept().at_most(MOST))).collect();
    match trial::run(&trials, &mut HostEngine::new()) {
        Ok(report) => report.assert_passed(),
        Err(RunError::Engine(EngineError::NotPermitted(why))) => {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{name} must not be skipped here: {why}");
            let _ = writeln!(std::io::stderr(), "test {name} ... skipped: {why}");
        }
        Err(error) => panic!("{error}"),
    }
}

include!(concat!(env!("OUT_DIR"), "/tests_of_objects.rs"));
