//! Every helper number by every program type, and slots of every opcode: the user-space verifier says what the kernel says.

mod support;

use knockwright_asm::KernelVersion;
use knockwright_differential::compare::{Agreement, compare};
use knockwright_differential::sweep::{Arguments, Call, Caller, modelled, slots, sweep};
use support::{Pair, host, in_qemu};

/// What an emulated kernel is asked: the sets of arguments that get furthest, since each load takes milliseconds.
fn short(call: &Call) -> bool {
    let furthest = matches!(call.arguments, Arguments::AtEntry | Arguments::MapAndStack | Arguments::Stack);
    call.arguments == Arguments::AtEntry || call.caller == Caller::Root && furthest
}

fn helpers_agree(mut pair: Pair, wanted: impl Fn(&Call) -> bool) {
    let calls: Vec<Call> = modelled().into_iter().flat_map(Call::all).filter(wanted).collect();
    let answers = sweep(pair.kernel.as_mut(), &pair.own, &calls).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(answers.len(), calls.len());
    let wrong: Vec<String> = answers
        .iter()
        .filter(|answer| answer.differs())
        .map(|answer| {
            let message = answer.theirs().map(|seen| seen.message.as_str());
            format!("{:?}: {:?}, the kernel: {message:?}", answer.call, answer.comparison.own.message)
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} differ on {}: {wrong:#?}", wrong.len(), calls.len(), pair.release);
    // What isn't modelled is named: helpers of kinds that the verifier knows none of, and not more of them.
    let unsupported = answers.iter().filter(|answer| answer.unsupported().is_some()).count();
    assert!(unsupported * 4 < answers.len(), "{unsupported} of {} aren't modelled", answers.len());
}

#[test]
fn every_helper_on_the_running_kernel() {
    if let Some(pair) = host("every_helper_on_the_running_kernel") {
        helpers_agree(pair, |_| true);
    }
}

#[test]
fn every_helper_on_6_12() {
    if let Some(pair) = in_qemu("every_helper_on_6_12", KernelVersion::new(6, 12)) {
        helpers_agree(pair, short);
    }
}

#[test]
fn every_helper_on_6_18_15() {
    if let Some(pair) = in_qemu("every_helper_on_6_18_15", KernelVersion::new(6, 18)) {
        helpers_agree(pair, short);
    }
}

fn slots_agree(mut pair: Pair, each: usize) {
    let attempts = slots(each);
    let answers =
        compare(pair.kernel.as_mut(), &pair.own, &attempts, None).unwrap_or_else(|error| panic!("{error}"));
    let mut unsupported = 0;
    for (attempt, found) in attempts.iter().zip(answers) {
        let name = &attempt.program.name;
        unsupported += usize::from(found.agreement == Agreement::Unsupported);
        let fine = matches!(found.agreement, Agreement::Whole | Agreement::Unsupported);
        assert!(fine, "{name} on {}: {found:?}", pair.release);
    }
    assert!(unsupported * 100 < attempts.len(), "{unsupported} slots aren't modelled");
}

#[test]
fn every_opcode_on_the_running_kernel() {
    if let Some(pair) = host("every_opcode_on_the_running_kernel") {
        slots_agree(pair, 30);
    }
}

#[test]
fn every_opcode_on_6_12_and_6_18_15() {
    for series in [KernelVersion::new(6, 12), KernelVersion::new(6, 18)] {
        if let Some(pair) = in_qemu("every_opcode_on_6_12_and_6_18_15", series) {
            slots_agree(pair, 8);
        }
    }
}
