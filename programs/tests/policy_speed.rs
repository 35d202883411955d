//! How fast a policy of 15,000 rules is written: `cargo test --release` holds it to 20 milliseconds.

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

/// The time that this thread has had a processor: what other work takes from it doesn't count. Zero where there is no `/proc`.
fn processor_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split_whitespace().next().and_then(|number| number.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}

#[test]
fn fifteen_thousand_rules_are_written_fast() {
    let policy = policy();
    // The shortest of many: what others leave in the caches makes the rest longer.
    let written = (0..40).map(|_| {
        let start = processor_time();
        let programs = policy.programs("policy", Hook::Xdp).unwrap();
        let time = processor_time() - start;
        (time, programs.len(), programs.iter().map(Program::slot_count).sum::<usize>())
    });
    let (time, parts, slots) = written.min_by_key(|(time, ..)| *time).unwrap();
    eprintln!("{RULES} rules, {slots} slots in {parts} parts, written in {time:?}");
    assert!(slots > 100_000);
    // Without optimisation it takes what it takes.
    assert!(cfg!(debug_assertions) || time < Duration::from_millis(20), "{time:?}");
}
