//! `explain` and `learn` from outside: every format, what they say to bad input, and the statuses.

mod support;

use serde_json::Value;
use support::cli::{Scratch, run, run_on};
use support::may_load;

const LOG: &str = "\
5: (85) call bpf_map_lookup_elem#1    ; R0=map_value_or_null(id=1,map=m,ks=4,vs=8)
6: (79) r0 = *(u64 *)(r0 +0)
R0 invalid mem access 'map_value_or_null'
processed 6 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
";

#[test]
fn a_log_in_text_and_json() {
    let text = run_on(&["explain", "-"], LOG.as_bytes()).done();
    for part in
        ["error[map-value-or-null]", "`r0 != 0` before instruction 6", "knockwright learn map-value-or-null"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let json = run_on(&["explain", "--format", "json", "--engine", "none"], LOG.as_bytes()).done();
    let json: Value = serde_json::from_str(&json).unwrap();
    for field in [
        "class",
        "title",
        "kernel_format",
        "insn",
        "register",
        "message",
        "source",
        "cause",
        "derivation",
        "guard",
        "fix",
        "lesson",
    ] {
        assert!(json.get(field).is_some(), "the contract has `{field}`: {json}");
    }
    assert_eq!(json["class"], "map-value-or-null");
    assert_eq!((json["insn"].as_u64(), json["register"].as_str()), (Some(6), Some("r0")));
    assert_eq!(json["guard"]["checked"], false);
    assert_eq!(json["cause"][0]["insn"], 5);
}

#[test]
fn a_log_as_sarif_and_as_a_page() {
    let scratch = Scratch::new();
    let log = scratch.file("a <log>.txt", format!("not a log\n{LOG}"));
    let sarif = run(&["explain", "--format", "sarif", "--engine", "none", &log]).done();
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let run_of_tool = &sarif["runs"][0];
    assert_eq!(run_of_tool["tool"]["driver"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(run_of_tool["results"][0]["ruleId"], "map-value-or-null");
    assert_eq!(run_of_tool["properties"]["unknownLines"]["count"], 1);
    let file = scratch.path("out.html");
    run(&["explain", "--format", "html", "--engine", "none", "-o", &file, &log]).done();
    let page = std::fs::read_to_string(&file).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    for part in
        ["A pointer that may be NULL", "a &lt;log&gt;.txt", "One line outside of all logs", "not a log"]
    {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn several_logs_are_several_lines_of_json() {
    let logs = format!(
        "noise\n{LOG}libbpf: prog 'b': -- BEGIN PROG LOAD LOG --\n0: (bf) r0 = r3\nR3 !read_ok\nprocessed 1 insns (limit 1)\n"
    );
    let json = run_on(&["explain", "--format", "json"], logs.as_bytes()).done();
    let classes: Vec<Value> =
        json.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["class"].clone()).collect();
    assert_eq!(classes, ["map-value-or-null", "uninitialised-register"]);
}

#[test]
fn many_logs_are_written_as_they_come() {
    let named = |number: usize| {
        format!("libbpf: prog 'p{number}': -- BEGIN PROG LOAD LOG --\n{LOG}-- END PROG LOAD LOG --\n")
    };
    let logs: String = (0..1_200).map(named).collect();
    let lines = run_on(&["explain", "--format", "json", "--engine", "none"], logs.as_bytes()).done();
    assert_eq!(lines.lines().count(), 1_200);
    let sarif = run_on(&["explain", "--format", "sarif", "--engine", "none"], logs.as_bytes()).done();
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 1_200);
    assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().len(), 1);
    let page = run_on(&["explain", "--format", "html", "--engine", "none"], logs.as_bytes()).done();
    assert_eq!(page.matches("<article ").count(), 1_200);
    assert!(page.contains("<a href=\"#logs\">all logs</a>") && page.ends_with("</html>\n"));
    assert_eq!(page.matches("<li><a href=\"#l").count(), 1_000);
    assert!(page.contains("… and 200 more logs."));
}

#[test]
fn a_fault_of_many_logs_is_told_once() {
    let logs = LOG.repeat(1_200);
    let text = run_on(&["explain", "--engine", "none"], logs.as_bytes()).done();
    assert_eq!(text.matches("error[").count(), 1, "{text}");
    assert!(text.contains("note: the same again in logs 2, 3,"), "{text}");
    assert!(text.contains("note: 1184 more logs tell faults that are told above"), "{text}");
    let page = run_on(&["explain", "--format", "html", "--engine", "none"], logs.as_bytes()).done();
    assert_eq!(page.matches("<article ").count(), 1);
    let annotations = run_on(&["explain", "--format", "github", "--engine", "none"], logs.as_bytes()).done();
    assert_eq!(annotations.lines().count(), 1);
    let json = run_on(&["explain", "--format", "json", "--engine", "none"], logs.as_bytes()).done();
    assert_eq!(json.matches("\"same_as\":1,").count(), 1_199);
}

#[test]
fn what_is_refused_is_never_a_pass() {
    let log = "a message of tomorrow\nprocessed 77 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\nlibbpf: prog 'p': failed to load: -22\n";
    let text = run_on(&["explain", "--engine", "none"], log.as_bytes()).done();
    assert!(text.contains("error[unknown]: a message of tomorrow") && !text.contains("accepted"), "{text}");
    let sarif = run_on(&["explain", "--format", "sarif", "--engine", "none"], log.as_bytes()).done();
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["kind"], "fail");
}

#[test]
fn the_articles_object_checks_its_guard() {
    if !may_load("the_articles_object_checks_its_guard") {
        return;
    }
    let scratch = Scratch::new();
    let object = scratch.build("article-bounds");
    let log = run(&["verify", &object, "--log"]).stdout;
    let json = run_on(&["explain", "--format", "json", "--object", &object], log.as_bytes()).done();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["derivation"]["result"], "516 = 8 + 254*2, + size 2 = 518 > value_size 48");
    let guard = &json["guard"];
    assert_eq!((guard["condition"].as_str(), guard["insn"].as_u64()), (Some("r1 <= 19"), Some(119)));
    assert_eq!((guard["limit"].as_i64(), guard["checked"].as_bool()), (Some(19), Some(true)));
    assert_eq!(guard["stricter"]["field"], "seq.ports[10]");
    assert_eq!(guard["stricter"]["limit"], 9);
    assert_eq!(json["source"]["line"], 140);
}

#[test]
fn a_case_stands_for_its_program() {
    let log = "0: (62) *(u32 *)(r10 -8) = 3\n1: (bf) r2 = r10\n2: (07) r2 += -8\n3: (18) r1 = 0x0\n\
               5: (85) call bpf_map_lookup_elem#1\n6: (79) r0 = *(u64 *)(r0 +0)\n\
               R0 invalid mem access 'map_value_or_null'\nprocessed 6 insns (limit 1000000)\n";
    let class = |arguments: &[&str]| {
        let json = run_on(&[&["explain", "--format", "json"], arguments].concat(), log.as_bytes()).done();
        serde_json::from_str::<Value>(&json).unwrap()["class"].clone()
    };
    assert_eq!(class(&[]), "map-value-or-null");
    assert_eq!(class(&["--case", "array-constant-key-unchecked"]), "array-constant-key");
    run_on(&["explain", "--case", "nosuch"], log.as_bytes()).failed(3);
    run_on(&["explain", "--case", "article-null+twin"], log.as_bytes()).done();
}

#[test]
fn what_is_no_log_is_bad_input() {
    let refused = run_on(&["explain"], b"hello\nworld\n").failed(3);
    assert!(refused.contains("no verifier's log") && refused.contains("2 lines"), "{refused}");
    run_on(&["explain"], b"").failed(3);
    run(&["explain", "/nonexistent/log"]).failed(3);
    let empty = run_on(&["explain"], b"libbpf: prog 'x': BPF program load failed: -E2BIG\n").done();
    assert!(empty.contains("too-many-instructions"), "{empty}");
}

#[test]
fn lessons_are_listed_and_shown() {
    let list = run(&["learn"]).done();
    assert!(list.contains("map-value-max") && list.contains("Packets"), "{list}");
    let lesson = run(&["learn", "map-value-max"]).done();
    for part in ["rejected at instruction 121", "516 = 8 + 254*2", "Next: knockwright learn"] {
        assert!(lesson.contains(part), "{part}");
    }
    let unknown = run(&["learn", "value-max"]).failed(3);
    assert!(unknown.contains("map-value-max"), "{unknown}");
}

#[path = "../explain/tests/forms/wrapped.rs"]
#[allow(dead_code)] // the names are all that is wanted
mod wrapped;

#[test]
fn every_form_is_documented() {
    let page = include_str!("../docs/explain-forms.md");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).collect();
    for form in wrapped::FORMS {
        let start = format!("| {} | ", form.name);
        assert!(
            rows.iter().any(|row| row.starts_with(&start)),
            "{} isn't in docs/explain-forms.md",
            form.name
        );
    }
}
