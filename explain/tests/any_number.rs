//! Logs with any numbers in them, in every format: nothing panics.

#[path = "cut_logs/cuts.rs"]
#[allow(dead_code)] // the generator alone is needed
mod cuts;
mod support;

use cuts::Random;
use knockwright_explain::Explainer;
use knockwright_explain::render::text::{self, Style};
use knockwright_explain::render::{Meta, html, sarif};

/// Numbers at the borders of what anything holds.
const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "-5",
    "1",
    "7",
    "48",
    "511",
    "65535",
    "65536",
    "2147483647",
    "-2147483648",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "99999999999999999999999",
];

/// A log in which some numbers are others; slots stay mostly as they are.
fn with_other_numbers(log: &str, random: &mut Random) -> String {
    let mut changed = String::new();
    let mut rest = log;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let end = rest[at..].find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |end| at + end);
        let is_value = rest[..at].ends_with(['=', '-', '+', ' ']) && !rest[end..].starts_with(": (");
        changed.push_str(&rest[..at]);
        let is_other = is_value && random.below(12) == 0;
        changed.push_str(if is_other { NUMBERS[random.below(NUMBERS.len())] } else { &rest[at..end] });
        rest = &rest[end..];
    }
    changed + rest
}

fn draw(log: &str) {
    let explained = Explainer::new().explain(log.as_bytes()).unwrap();
    for log in &explained.logs {
        text::render(log, Style::default());
        serde_json::to_string(&log.diagnosis).unwrap();
    }
    let mut out = Vec::new();
    sarif::write(&mut out, &explained.logs, &Meta::default()).unwrap();
    html::write(&mut out, &explained.logs, &Meta::default()).unwrap();
}

#[test]
fn any_numbers_of_any_log_can_be_drawn() {
    let mut random = Random::new(1);
    for kernel in ["5.10", "6.18"] {
        let entries = support::recording(kernel).entries;
        let logs: Vec<&str> = entries
            .iter()
            .map(|entry| entry.verdict.log.as_str())
            .filter(|log| log.contains("invalid access") || log.contains(" value "))
            .filter(|log| log.len() < 8_000)
            .collect();
        for _ in 0..120 {
            let log = with_other_numbers(logs[random.below(logs.len())], &mut random);
            let result = std::panic::catch_unwind(|| draw(&log));
            assert!(result.is_ok(), "{log}");
        }
    }
}

#[test]
fn sizes_and_offsets_of_a_message_may_be_any_numbers() {
    for size in NUMBERS {
        for off in NUMBERS {
            for bytes in ["4", "0", "-1", "9223372036854775807"] {
                draw(&format!(
                    "16: R2=map_value(ks=4,vs=20,off=76) R1=0\n16: (63) *(u32 *)(r2 +0) = r1\n\
                     invalid access to map value, value_size={size} off={off} size={bytes}\n\
                     R2 max value is outside of the allowed memory range\n"
                ));
            }
        }
    }
}
