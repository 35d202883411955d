//! Ten million bytes of damaged logs: whatever is in them, an explanation comes and nothing panics.
//!
//! `KNOCKWRIGHT_SEED` starts from another seed, `KNOCKWRIGHT_BYTES` takes more bytes.

#![allow(clippy::print_stdout)] // figures, for who runs it with --nocapture

use knockwright_differential::random::Random;
use knockwright_explain::Explainer;
use knockwright_explain::render::text::{self, Style};
use knockwright_verifier_cases::kernel_range::SERIES;
use knockwright_verifier_cases::packed;

/// Numbers and words that parsers stumble over.
const PIECES: &[&str] = &[
    "18446744073709551615",
    "-9223372036854775808",
    "0xffffffffffffffff",
    "4294967296",
    "R99=",
    "fp-9999999999=",
    "R1=scalar(umax=",
    "goto pc-32768",
    "goto pc+32767",
    "(85) call pc-1",
    "frame7:",
    "from 9 to 4000000000: ",
    "\\n0: (b7) r0 = 0\\n",
    "\u{1b}[31m",
    "\u{1b}]",
    "\u{fffd}é",
    "\0",
    "((((((",
    "R1 invalid mem access 'scalar'\n",
    "R2 max value is outside of the allowed memory range\n",
    "invalid access to map value, value_size=-1 off=9223372036854775807 size=2147483647\n",
    "processed 99999999999999999999 insns",
    "Verification failed: a: b\n\nReason:\n",
];

/// A number below `limit`; 0 if there is none.
fn below(random: &mut Random, limit: usize) -> usize {
    if limit == 0 { 0 } else { random.below(limit) }
}

fn mutate(random: &mut Random, log: &str, other: &str) -> Vec<u8> {
    let mut bytes = log.as_bytes().to_vec();
    for _ in 0..=below(random, 6) {
        let at = below(random, bytes.len());
        match below(random, 8) {
            0 if !bytes.is_empty() => bytes[at] = random.number() as u8,
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(..at)),
            3 => {
                let end = at + below(random, bytes.len() - at).min(200);
                drop(bytes.drain(at..end));
            }
            4 => {
                let end = at + below(random, bytes.len() - at).min(2000);
                let piece = bytes[at..end].to_vec();
                let to = below(random, bytes.len());
                bytes.splice(to..to, piece);
            }
            5 => {
                let from = below(random, other.len());
                let piece = other.as_bytes()[from..].iter().take(below(random, 2000)).copied();
                bytes.splice(at..at, piece.collect::<Vec<u8>>());
            }
            6 => {
                let piece = PIECES[below(random, PIECES.len())];
                bytes.splice(at..at, piece.bytes());
            }
            _ => {
                // A number becomes another one.
                let from = bytes[at..].iter().position(u8::is_ascii_digit).map_or(at, |found| at + found);
                let to = bytes[from..]
                    .iter()
                    .position(|byte| !byte.is_ascii_digit())
                    .map_or(from, |end| from + end);
                bytes.splice(from..to, (random.number() >> below(random, 64)).to_string().bytes());
            }
        }
    }
    bytes
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn ten_million_bytes_of_damaged_logs() {
    let logs: Vec<String> = SERIES
        .iter()
        .flat_map(|kernel| packed::recording(&kernel.to_string()).unwrap().entries)
        .map(|entry| entry.verdict.log)
        .filter(|log| !log.is_empty() && log.len() < 20_000)
        .collect();
    let seed = number("KNOCKWRIGHT_SEED", 1);
    let wanted = number("KNOCKWRIGHT_BYTES", 10_000_000) as usize;
    let mut random = Random::new(seed);
    let (mut bytes, mut count, mut explained) = (0, 0, 0);
    while bytes < wanted {
        let (log, other) = (&logs[random.below(logs.len())], &logs[random.below(logs.len())]);
        let damaged = mutate(&mut random, log, other);
        let result = std::panic::catch_unwind(|| {
            let explanations = Explainer::new().explain(damaged.as_slice()).unwrap();
            for log in &explanations.logs {
                text::render(log, Style::default());
                serde_json::to_string(&log.diagnosis).unwrap();
            }
            explanations.logs.len()
        });
        match result {
            Ok(logs) => explained += logs,
            Err(_) => panic!("seed {seed}, log {count}:\n{}", String::from_utf8_lossy(&damaged)),
        }
        bytes += damaged.len();
        count += 1;
    }
    println!("{bytes} bytes in {count} damaged logs, {explained} explanations");
    assert!(explained > count / 2, "damaged logs are still logs: {explained} of {count}");
}
