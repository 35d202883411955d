//! The batch format against the running kernel.

mod support;

use knockwright_kernels::HostEngine;
use knockwright_verifier::batch::{Wish, run_batch};
use serde_json::Value;
use support::may_load;

/// Whether lines have the logs.
#[derive(Clone, Copy, PartialEq)]
enum Logs {
    Kept,
    Dropped,
}

/// The lines that come out.
fn batch(input: &str, logs: Logs) -> Vec<String> {
    let with_log = logs == Logs::Kept;
    let mut engine = if with_log { HostEngine::new() } else { HostEngine::new().without_logs() };
    let mut output = Vec::new();
    run_batch(input.as_bytes(), &mut output, &mut engine, Wish { level: 2, with_log }).unwrap();
    String::from_utf8(output).unwrap().lines().map(str::to_owned).collect()
}

fn read(lines: &[String]) -> Vec<Value> {
    lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

const INPUT: &str = r#"{"name": "n1", "prog_type": "xdp", "insns": "b7000000020000009500000000000000"}
{"name": "n2", "prog_type": "xdp", "insns": "7a0af8ff00000000bfa200000000000007020000f8ffffff1851000000000000000000000000000085000000010000007100000000000000b7000000020000009500000000000000", "maps": [{"name": "m", "type": "hash", "key_size": 4, "value_size": 24, "max_entries": 16, "flags": 0}]}
this is no JSON
{"name": "n4", "prog_type": "nothing", "insns": ""}
{"name": "n5", "prog_type": "xdp", "insns": "b70"}
{"name": "n6", "prog_type": "xdp", "insns": "b7000000020000009500000000000000", "maps": [{"name": "m", "type": "array", "key_size": 3, "value_size": 24, "max_entries": 16}]}
{"name": "n7", "prog_type": "xdp", "insns": "18510000050000000000000000000000b7000000020000009500000000000000"}
{"name": "n8", "prog_type": "socket_filter", "insns": "ff000000020000009500000000000000", "more": "ignored"}
{"name": "n9", "prog_type": "xdp", "insns": "b7000000020000009500000000000000"}
"#;

#[test]
fn the_contract() {
    if !may_load() {
        return;
    }
    let lines = batch(INPUT, Logs::Dropped);
    assert_eq!(
        lines[0],
        r#"{"name":"n1","verdict":"accept","errno":0,"insn":null,"message":"","processed":2}"#
    );
    assert_eq!(
        lines[1],
        r#"{"name":"n2","verdict":"reject","errno":13,"insn":6,"message":"R0 invalid mem access 'map_value_or_null'","processed":6}"#
    );
    let verdicts = read(&lines);
    let names: Vec<Option<&str>> = verdicts.iter().map(|verdict| verdict["name"].as_str()).collect();
    let named = ["n4", "n5", "n6", "n7", "n8", "n9"].map(Some);
    assert_eq!(names, [&[Some("n1"), Some("n2"), None][..], &named].concat());
    for (at, errno, message) in [
        (2, 0, "line 3: not a program"),
        (3, 0, "line 4: prog_type: no program type is called `nothing`"),
        (4, 0, "line 5: insns: Odd number of digits"),
        (5, 22, "map `m` was not created: BPF_MAP_CREATE failed: EINVAL"),
        (6, 0, "slot 0 names map 5"),
    ] {
        let verdict = &verdicts[at];
        assert_eq!((verdict["verdict"].as_str(), verdict["errno"].as_i64()), (Some("error"), Some(errno)));
        assert!(verdict["message"].as_str().unwrap().contains(message), "{verdict:?}");
        assert!(verdict["insn"].is_null() && verdict["processed"].is_null());
    }
    assert_eq!((&verdicts[7]["verdict"], &verdicts[7]["insn"]), (&"reject".into(), &Value::Null));
    assert_eq!(verdicts[8]["verdict"], "accept");
}

#[test]
fn logs_on_request() {
    if !may_load() {
        return;
    }
    let verdicts = read(&batch(INPUT, Logs::Kept));
    assert!(verdicts[0]["log"].as_str().unwrap().contains("(b7) r0 = 2"));
    assert!(verdicts[1]["log"].as_str().unwrap().contains("R0 invalid mem access"));
    assert!(verdicts[2].get("log").is_none());
}

#[test]
fn kept_maps_are_bounded() {
    if !may_load() {
        return;
    }
    let mut input = String::new();
    for n in 1..=300 {
        input.push_str(&format!(
            r#"{{"name": "n{n}", "prog_type": "xdp", "insns": "185100000000000000000000000000009500000000000000", "maps": [{{"name": "m", "type": "hash", "key_size": 4, "value_size": {n}, "max_entries": 1}}]}}"#
        ));
        input.push('\n');
    }
    let mut engine = HostEngine::new().without_logs();
    let wish = Wish { level: 2, with_log: false };
    let counts = run_batch(input.as_bytes(), &mut Vec::new(), &mut engine, wish).unwrap();
    assert_eq!(counts.rejected, 300);
    let open = std::fs::read_dir("/proc/self/fd").unwrap().count();
    assert!(open < 150, "{open} descriptors are open");
}
