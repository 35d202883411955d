//! Verdicts of the running kernel on small programs.

mod support;

use knockwright_asm::{Endian, KernelVersion, MapDef, MapType, ProgType};
use knockwright_kernels::HostEngine;
use knockwright_linux::errno::{E2BIG, EACCES, EINVAL};
use knockwright_linux::prog_type::STRICT_ALIGNMENT;
use knockwright_loader::privilege::kernel_version;
use knockwright_verifier::{Attempt, Engine, Outcome, Verdict};
use support::{NULL_DEREF, PASS, may_load};

/// An XDP program from slots in hexadecimal, white space ignored.
fn xdp(insns: &str, maps: Vec<MapDef>) -> Attempt {
    let digits: String = insns.split_whitespace().collect();
    let code = hex::decode(digits).expect("hexadecimal");
    Attempt::of_code("test", ProgType::Xdp, &code, Endian::Little, maps)
}

fn verify(attempt: &Attempt) -> Verdict {
    let verdict = HostEngine::new().verdict(attempt);
    assert_eq!(verdict.why_none(), None);
    verdict
}

fn rejected(attempt: &Attempt) -> (i32, Option<usize>, String, Option<u64>) {
    let verdict = verify(attempt);
    assert_eq!(verdict.outcome, Outcome::Reject, "{}", verdict.log);
    (verdict.errno, verdict.insn, verdict.message, verdict.processed)
}

#[test]
fn accepts_with_the_whole_log() {
    if !may_load() {
        return;
    }
    let verdict = verify(&xdp(PASS, vec![]));
    assert_eq!(verdict.outcome, Outcome::Accept);
    assert_eq!((verdict.errno, verdict.insn, verdict.processed), (0, None, Some(2)));
    assert_eq!(verdict.message, "");
    assert!(verdict.log.contains("0: (b7) r0 = 2"), "{}", verdict.log);
}

#[test]
fn unset_return_value() {
    if !may_load() {
        return;
    }
    assert_eq!(
        rejected(&xdp("9500000000000000", vec![])),
        (EACCES, Some(0), "R0 !read_ok".to_owned(), Some(1))
    );
}

#[test]
fn null_dereference_of_a_hash_value() {
    if !may_load() {
        return;
    }
    let program = xdp(NULL_DEREF, vec![MapDef::of_bytes("states", MapType::Hash, 4, 24, 16)]);
    assert_eq!(
        rejected(&program),
        (EACCES, Some(6), "R0 invalid mem access 'map_value_or_null'".to_owned(), Some(6))
    );
}

#[test]
fn unknown_opcode_has_no_instruction() {
    if !may_load() {
        return;
    }
    let (errno, insn, message, _) = rejected(&xdp("ff00000000000000 9500000000000000", vec![]));
    assert_eq!((errno, insn), (EINVAL, None));
    assert!(message.starts_with("unknown opcode ff"), "{message}");
}

#[test]
fn unreachable_code_has_no_instruction() {
    if !may_load() {
        return;
    }
    let (errno, insn, message, _) =
        rejected(&xdp("b700000002000000 9500000000000000 9500000000000000", vec![]));
    assert_eq!((errno, insn, message.as_str()), (EINVAL, None, "unreachable insn 2"));
}

#[test]
fn tail_call_message_runs_into_the_summary() {
    if !may_load() {
        return;
    }
    // r2 = map 0 (a hash); r3 = 0; call bpf_tail_call
    let program = xdp(
        "1852000000000000 0000000000000000 b703000000000000 850000000c000000 b700000000000000 9500000000000000",
        vec![MapDef::of_bytes("m", MapType::Hash, 4, 4, 1)],
    );
    let (_, insn, message, processed) = rejected(&program);
    assert_eq!(insn, Some(3));
    assert!(message.ends_with("prog array map for tail call"), "{message}");
    assert_eq!(processed, Some(3));
}

#[test]
fn too_few_and_too_many_instructions() {
    if !may_load() {
        return;
    }
    assert_eq!(rejected(&xdp("", vec![])), (E2BIG, None, String::new(), None));
    let mut long = "b700000002000000".repeat(1_000_001);
    long.push_str("9500000000000000");
    assert_eq!(rejected(&xdp(&long, vec![])), (E2BIG, None, String::new(), None));
}

#[test]
fn log_grows_to_what_the_kernel_wants() {
    if !may_load() {
        return;
    }
    // 4,000 moves make a log of a few hundred kilobytes at level 2: more than the first buffer.
    let mut code = "b700000002000000".repeat(4_000);
    code.push_str("9500000000000000");
    let program = xdp(&code, vec![]);
    let verdict = verify(&program);
    assert_eq!((verdict.outcome, verdict.processed), (Outcome::Accept, Some(4_001)));
    assert!(verdict.log.len() > 100_000, "{}", verdict.log.len());
    assert!(verdict.log.contains("4000: (95) exit"));
    assert!(verdict.log.trim_end().lines().last().unwrap().starts_with("processed 4001 insns"));
}

#[test]
fn log_beyond_the_largest_buffer_falls_back() {
    if !may_load() {
        return;
    }
    let mut code = "b700000002000000".repeat(600_000);
    code.push_str("9500000000000000");
    let verdict = verify(&xdp(&code, vec![]));
    assert_eq!((verdict.outcome, verdict.processed), (Outcome::Accept, Some(600_001)));
    assert!(verdict.log_cut);
    let mut reading = "b700000002000000".repeat(600_000);
    reading.push_str("bf11000000000000 bf22000000000000 9500000000000000");
    let verdict = verify(&xdp(&reading, vec![]));
    assert_eq!((verdict.outcome, verdict.log_cut), (Outcome::Reject, true));
    assert_eq!((verdict.insn, verdict.message.as_str()), (Some(600_001), "R2 !read_ok"));
}

#[test]
fn log_levels() {
    if !may_load() {
        return;
    }
    let mut engine = HostEngine::new();
    let mut at = |attempt: &Attempt, level| engine.verdict(&attempt.clone().at_level(level));
    let good = xdp(PASS, vec![]);
    let bad = xdp("9500000000000000", vec![]);
    let none = at(&good, 0);
    assert_eq!((none.outcome, none.log.as_str(), none.processed), (Outcome::Accept, "", None));
    assert_eq!(at(&bad, 0).outcome, Outcome::Reject);
    let summary = at(&good, 1);
    assert!(summary.log.starts_with("processed 2 insns"), "{}", summary.log);
    assert_eq!(at(&bad, 1).message, "R0 !read_ok");
}

/// An accepted program is loaded once, a rejected one twice: however long its log is, if the kernel keeps the log's end.
#[test]
fn a_verdict_without_text_takes_few_loads() {
    if !may_load() {
        return;
    }
    let long = |end: &str| xdp(&format!("{}{end}", "b700000002000000".repeat(20_000)), vec![]);
    let keeps_the_end = kernel_version().unwrap() >= KernelVersion::new(6, 4);
    for (program, loads) in [
        (xdp(PASS, vec![]), 1),
        (long("9500000000000000"), 1),
        (xdp("9500000000000000", vec![]), 2),
        (long("bf220000000000009500000000000000"), if keeps_the_end { 2 } else { 3 }),
        (xdp("", vec![]), 2),
    ] {
        let mut engine = HostEngine::new().without_logs();
        let brief = engine.verdict(&program);
        assert_eq!(engine.loads(), loads, "{brief:?}");
        let mut expected = verify(&program);
        (expected.log, expected.level, expected.log_cut) = (String::new(), 0, false);
        assert_eq!(brief, expected);
    }
}

#[test]
fn program_flags_reach_the_verifier() {
    if !may_load() {
        return;
    }
    // r1 = 0; *(u32 *)(r10 -6) = r1: misaligned, which only BPF_F_STRICT_ALIGNMENT refuses on x86-64
    let program = xdp("b701000000000000 b700000002000000 631afaff00000000 9500000000000000", vec![])
        .with_flags(STRICT_ALIGNMENT);
    let (_, insn, message, _) = rejected(&program);
    assert_eq!(insn, Some(2));
    assert!(message.starts_with("misaligned stack access"), "{message}");
}

/// A refusal before the verifier is none of its verdicts, and a batch says so.
#[test]
fn a_load_that_is_refused_before_the_verifier() {
    if !may_load() {
        return;
    }
    const UNKNOWN_FLAG: u32 = 1 << 31;
    let verdict = HostEngine::new().verdict(&xdp(PASS, vec![]).with_flags(UNKNOWN_FLAG));
    assert_eq!((verdict.outcome, verdict.errno, verdict.said()), (Outcome::Refuse, EINVAL, ""));
    assert!(verdict.message.contains("refused the load before verifying"), "{}", verdict.message);
}
