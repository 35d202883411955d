//! What verifiers think of this crate's programs.
//!
//! The running kernel is asked if this user may load programs. More kernels: `OWN_CASES_KERNELS=6.1,6.12 cargo test`, after
//! `knockwright cases kernels fetch 6.1 6.12`.

use std::io::Write as _;

use knockwright_asm::{ProgType, Program, Reg::*, Size::*};
use knockwright_codegen::Object;
use knockwright_kernels::{HostEngine, Wanted, engines};
use knockwright_verifier::{Engine, EngineError};
use knockwright_verifier_cases::errno::EACCES;
use knockwright_verifier_cases::expectation::Change::Message;
use knockwright_verifier_cases::expectation::{accept, reject};
use knockwright_verifier_cases::kernel_range::since;
use knockwright_verifier_cases::run::{RunError, Selected, program_in, run};
use knockwright_verifier_cases::{Case, Twin};

/// A program in the DSL. Its twin is the mistake that its author made at first.
const DROP_SHORT: Case = Case::new("drop-short", ProgType::Xdp)
    .teaches("The comparison alone is enough: no byte of the packet is read.")
    .program(own_cases::drop_short)
    .expect(accept(8))
    .twin(
        Twin::new("the first byte is read without a comparison", |a| {
            a.load(U32, R2, R1 + 0);
            a.load(U8, R0, R2 + 0);
            a.exit();
        })
        .expect(reject(EACCES, 1, "R2 offset is outside of the packet", 2))
        .except(&[(since(7, 1), Message("R2 min value is outside of the allowed memory range"))]),
    );

/// A program out of an object, as a compiler would leave it: `include_bytes!("…/program.o")` in real life.
const OBJECT: Case = Case::new("drop-short-object", ProgType::Xdp)
    .teaches("The same program, out of an ELF object.")
    .whole_program(from_object)
    .expect(accept(8));

fn from_object() -> Program {
    let object = Object::new().program(&own_cases::program()).finish().expect("the object is written");
    program_in(&object, "xdp").expect("the object has an XDP program")
}

/// Says that a test was left out, and why, past the harness that keeps the output of passing tests to itself. In CI nothing
/// may be left out.
fn skip(test: &str, reason: impl std::fmt::Display) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{test} must not be skipped here: {reason}");
    let _ = writeln!(std::io::stderr(), "test {test} ... skipped: {reason}");
}

fn check(test: &str, engine: &mut dyn Engine) {
    let cases = [&DROP_SHORT, &OBJECT].map(|case| Selected { class: "own", case });
    match run(&cases, engine) {
        Ok(report) => report.assert_passed(),
        Err(RunError::Engine(EngineError::NotPermitted(why))) => skip(test, why),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn on_the_running_kernel() {
    check("on_the_running_kernel", &mut HostEngine::new());
}

#[test]
fn on_the_kernels_asked_for() {
    const TEST: &str = "on_the_kernels_asked_for";
    let Ok(names) = std::env::var("OWN_CASES_KERNELS") else {
        skip(TEST, "OWN_CASES_KERNELS names no kernels");
        return;
    };
    let wanted: Vec<Wanted> = names.split(',').map(|name| name.parse().expect("a kernel")).collect();
    for mut engine in engines(&wanted).unwrap_or_else(|error| panic!("{error}")) {
        check(TEST, engine.as_mut());
    }
}
