//! The C of the lessons: clang compiles it, and the verifier refuses what it should, for the reason that the lesson is about.

mod support;

use std::path::Path;
use std::process::Command;

use knockwright_lessons::IN_C;
use serde_json::Value;
use support::cli::{Scratch, run};
use support::{has, skip};

const HEADERS: &str = "/usr/include/bpf/bpf_helpers.h";

#[test]
fn the_verifier_says_of_c_what_the_lesson_says() {
    const TEST: &str = "the_verifier_says_of_c_what_the_lesson_says";
    let has_headers =
        || Path::new(HEADERS).exists() || skip(TEST, format_args!("no {HEADERS}: install libbpf-dev"));
    if !has(TEST, "clang-19", "clang-19") || !has_headers() {
        return;
    }
    let scratch = Scratch::new();
    for (class, code) in IN_C {
        let (source, object) =
            (scratch.file(&format!("{class}.c"), code), scratch.path(&format!("{class}.o")));
        let headers = format!("-I/usr/include/{}-linux-gnu", std::env::consts::ARCH);
        let clang = Command::new("clang-19")
            .args(["-O2", "-g", "-Wall", "-Werror", "-target", "bpf", &headers, "-c", &source, "-o", &object])
            .output()
            .unwrap();
        assert!(clang.status.success(), "{class}: {}", String::from_utf8_lossy(&clang.stderr));
        let rows = run(&["verify", &object, "--engine", "userspace", "--format", "jsonl"]).stdout;
        let rows: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let said: Vec<(&str, &str, Option<&str>)> = rows
            .iter()
            .map(|row| {
                (row["program"].as_str().unwrap(), row["verdict"].as_str().unwrap(), row["class"].as_str())
            })
            .collect();
        // That one check serves all copies is a surprise: what is refused there is of the class that it warns of.
        let wanted = match *class {
            "shared-null-check" => {
                [("other_lookup", "reject", Some("map-value-or-null")), ("copy", "accept", None)]
            }
            class => [("fault", "reject", Some(class)), ("repair", "accept", None)],
        };
        assert_eq!(said, wanted, "{class}");
    }
}
