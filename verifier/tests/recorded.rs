//! Programs with the logs that kernel 6.18.44 wrote for them: ours are the same, byte for byte but for the maps' addresses.

use knockwright_asm::{Endian, MapDef, MapType, ProgType};
use knockwright_verifier::{Attempt, Outcome, Profile, Verifier};

fn maps() -> Vec<MapDef> {
    let map = MapDef::of_bytes;
    vec![
        map("hash", MapType::Hash, 4, 24, 16),
        map("array", MapType::Array, 4, 48, 4),
        map("one", MapType::Array, 4, 16, 1),
        map("wide_keys", MapType::LruHash, 8, 64, 8),
        map("percpu", MapType::PercpuArray, 4, 32, 2),
        map("ring", MapType::Ringbuf, 0, 0, 4096),
        map("programs", MapType::ProgArray, 4, 4, 4),
    ]
}

/// Puts `ADDRESS` where the log has a map's.
fn normalise(log: &str) -> String {
    let line = |line: &str| match (line.find("(18) r"), line.find("= 0xffff")) {
        (Some(_), Some(at)) => {
            let rest = line[at + 4..].trim_start_matches(|c: char| c.is_ascii_hexdigit());
            format!("{}= ADDRESS{rest}", &line[..at])
        }
        _ => line.to_owned(),
    };
    let mut text: String = log.split('\n').map(line).collect::<Vec<_>>().join("\n");
    text.truncate(text.trim_end().len());
    text
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap()).collect()
}

fn cases() -> impl Iterator<Item = (ProgType, Vec<u8>, &'static str)> {
    include_str!("data/6.18.44.txt").split("==== ").filter(|case| !case.is_empty()).map(|case| {
        let (head, log) = case.split_once('\n').unwrap();
        let (prog_type, code) = head.split_once(' ').unwrap();
        (prog_type.parse().unwrap(), bytes(code), log)
    })
}

fn attempt(prog_type: ProgType, code: &[u8], maps: Vec<MapDef>) -> Attempt {
    Attempt::of_code("t", prog_type, code, Endian::Little, maps)
}

#[test]
fn logs_are_those_of_the_kernel() {
    let verifier = Verifier::new(Profile::V6_18);
    let mut count = 0;
    for (prog_type, code, log) in cases() {
        let verdict = verifier.run(&attempt(prog_type, &code, maps()));
        assert_eq!(normalise(&verdict.log), log.trim_end());
        count += 1;
    }
    assert!(count > 200, "{count}");
}

#[test]
fn the_level_changes_the_log_only() {
    for (prog_type, code, _) in cases() {
        let verify = |log_level| {
            let attempt = attempt(prog_type, &code, maps()).at_level(log_level);
            Verifier::new(Profile::V6_18).run(&attempt)
        };
        let (none, path, all) = (verify(0), verify(1), verify(2));
        for verdict in [&none, &path] {
            assert_eq!(
                (verdict.outcome, verdict.errno, verdict.processed),
                (all.outcome, all.errno, all.processed)
            );
        }
        assert_eq!(none.log, "");
        assert_eq!(path.message, all.message);
    }
}

#[test]
fn what_is_not_modelled_is_named() {
    // call bpf_perf_event_read
    let code = bytes("85000000160000009500000000000000");
    let verdict = Verifier::new(Profile::V6_18).run(&attempt(ProgType::Xdp, &code, Vec::new()));
    assert_eq!((verdict.outcome, verdict.message.as_str()), (Outcome::Unsupported, "bpf_perf_event_read"));
}
