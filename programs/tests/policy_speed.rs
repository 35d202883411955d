//! How fast a policy of 15,000 rules is written: `cargo test --release` holds it to 20 milliseconds.

#[path = "support/skip.rs"]
mod skipping;

use std::time::Duration;

use knockwright_asm::Program;
use knockwright_programs::policy::{Decision, Hook, Policy, Rule};

const RULES: u32 = 15_000;

/// Rules about as many networks and hosts, each with its ports.
fn policy() -> Policy {
    let rule = |n: u32| -> Rule {
        let (high, low, port) = (n >> 8 & 0xff, n & 0xff, n % 60_000);
        let text = match n % 5 {
            0 => format!("deny from 10.{high}.{low}.0/24"),
            1 => format!("allow tcp from any to 10.{high}.{low}.7 port {port}"),
            2 => format!("allow udp from 172.16.{low}.0/22 to any port {port}-{}", port + 9),
            3 => format!("log tcp to 192.168.{low}.0/24 port {port}"),
            _ => format!("allow tcp from 2001:db8:{high}::/48 to 2001:db8:{high}:{low}::9 port {port}"),
        };
        text.parse().unwrap()
    };
    Policy { rules: (0..RULES).map(rule).collect(), otherwise: Decision::Deny }
}

/// Where Linux tells what a thread has had of a processor.
const SCHEDSTAT: &str = "/proc/thread-self/schedstat";

/// The time that this thread has had a processor: what other work takes from it doesn't count. None where nothing tells it.
fn processor_time() -> Option<Duration> {
    nanoseconds(&std::fs::read_to_string(SCHEDSTAT).ok()?).map(Duration::from_nanos)
}

/// The first number of a line of `schedstat`.
fn nanoseconds(text: &str) -> Option<u64> {
    text.split_whitespace().next()?.parse().ok()
}

#[test]
fn no_time_is_not_a_time_of_zero() {
    assert_eq!(nanoseconds("1200 34 5\n"), Some(1200));
    for text in ["", "nothing"] {
        assert_eq!(nanoseconds(text), None, "{text}");
    }
}

#[test]
fn fifteen_thousand_rules_are_written_fast() {
    let Some(begin) = processor_time() else {
        skipping::skip_this(format_args!("{SCHEDSTAT} tells no time"));
        return;
    };
    let policy = policy();
    // The shortest of many: what others leave in the caches makes the rest longer.
    let written = (0..40).map(|_| {
        let start = processor_time().expect("it was there before");
        let programs = policy.programs("policy", Hook::Xdp).unwrap();
        let time = processor_time().expect("it was there before") - start;
        (time, programs.len(), programs.iter().map(Program::slot_count).sum::<usize>())
    });
    let (time, parts, slots) = written.min_by_key(|(time, ..)| *time).unwrap();
    eprintln!("{RULES} rules, {slots} slots in {parts} parts, written in {time:?}");
    assert!(slots > 100_000);
    // A kernel that doesn't count writes zeros.
    if processor_time() == Some(begin) {
        skipping::skip_this(format_args!("{SCHEDSTAT} counts no time"));
        return;
    }
    // Without optimisation it takes what it takes.
    assert!(cfg!(debug_assertions) || time < Duration::from_millis(20), "{time:?}");
}
