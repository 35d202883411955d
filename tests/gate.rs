//! `verify` on several objects: a row for each program, kernel and configuration, budgets, what was before, and the reports.

mod support;

use serde_json::Value;
use support::cli::{Scratch, run, run_unprivileged};
use support::{has, may_load};

/// A folder with objects: one that is accepted, one that isn't.
fn objects() -> (Scratch, String) {
    let scratch = Scratch::new();
    let folder = scratch.path("objects");
    std::fs::create_dir_all(format!("{folder}/below")).unwrap();
    run(&["build", "pass", "-o", &format!("{folder}/pass.o")]).done();
    run(&["build", "article-null", "-o", &format!("{folder}/below/null.o")]).done();
    std::fs::write(format!("{folder}/notes.txt"), "no object").unwrap();
    (scratch, folder)
}

fn rows(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_folder_on_two_profiles_gives_a_row_for_each() {
    let (_scratch, folder) = objects();
    let gate = ["verify", &folder, "--engine", "userspace", "--kernel", "6.12,6.18", "--format", "jsonl"];
    let ran = run_unprivileged(&gate, b"");
    assert_eq!(ran.status, Some(1), "{}", ran.stderr);
    let rows = rows(&ran.stdout);
    let cell = |row: &Value, name: &str| row[name].as_str().map(str::to_owned).unwrap_or_default();
    let seen: Vec<[String; 4]> = rows
        .iter()
        .map(|row| ["program", "kernel", "verdict", "class"].map(|name| cell(row, name)))
        .collect();
    assert_eq!(
        seen,
        [
            ["knock", "6.12", "reject", "map-value-or-null"],
            ["knock", "6.18", "reject", "map-value-or-null"],
            ["pass", "6.12", "accept", ""],
            ["pass", "6.18", "accept", ""],
        ]
    );
    let null = &rows[0];
    assert_eq!(null["object"], format!("{folder}/below/null.o"));
    assert_eq!((&null["errno"], &null["insn"], &null["processed"]), (&13.into(), &72.into(), &70.into()));
    assert_eq!((&null["total_states"], &null["engine"]), (&7.into(), &"userspace".into()));
}

#[test]
fn what_is_wrong_is_said_once_for_all_kernels() {
    let (_scratch, folder) = objects();
    let gate = ["verify", &folder, "--engine", "userspace", "--kernel", "6.12,6.18"];
    let text = run(&gate);
    assert_eq!(text.status, Some(1));
    assert_eq!(text.stdout.matches("R0 invalid mem access").count(), 1, "{}", text.stdout);
    assert!(text.stdout.contains("knock on 6.12, 6.18\n"), "{}", text.stdout);
    assert!(
        text.stdout.contains("`r0 != 0` before instruction 72: if (!state) return …;"),
        "{}",
        text.stdout
    );
}

#[test]
fn budgets_and_baselines() {
    let scratch = Scratch::new();
    let (object, saved) = (scratch.path("knock.o"), scratch.path("saved.jsonl"));
    run(&["build", "knock", "-o", &object]).done();
    let gate = |more: &[&str]| run(&[&["verify", &object, "--engine", "userspace"], more].concat());
    gate(&["--budget", "1%", "--save", &saved]).done();
    let over = gate(&["--budget", "3000"]);
    assert_eq!(over.status, Some(1));
    assert!(over.stdout.contains("over the budget of 3000"), "{}", over.stdout);
    gate(&["--baseline", &saved]).done();
    // As if it had taken less before.
    let text = std::fs::read_to_string(&saved).unwrap();
    let mut row: Value = serde_json::from_str(&text).unwrap();
    let now = row["processed"].as_u64().unwrap();
    row["processed"] = (now - now / 10).into();
    std::fs::write(&saved, row.to_string()).unwrap();
    let risen = gate(&["--baseline", &saved, "--tolerance", "5%"]);
    assert_eq!(risen.status, Some(1));
    assert!(
        risen.stdout.contains("instructions processed") && risen.stdout.contains("(+11."),
        "{}",
        risen.stdout
    );
    gate(&["--baseline", &saved, "--tolerance", "12%"]).done();
    std::fs::write(&saved, "{}").unwrap();
    assert!(gate(&["--baseline", &saved]).failed(3).contains("line 1: "));
}

#[test]
fn reports_for_machines() {
    let (_scratch, folder) = objects();
    let report = |format: &str| {
        let ran = run(&["verify", &folder, "--engine", "userspace", "--format", format]);
        assert_eq!(ran.status, Some(1), "{}", ran.stderr);
        ran.stdout
    };
    let junit = report("junit");
    assert!(junit.contains("<testsuite name=\"6.18\" tests=\"2\" failures=\"1\">"), "{junit}");
    let github = report("github");
    assert!(github.starts_with("::error file=knock.bpf.c,line=130,title="), "{github}");
    assert_eq!(github.lines().count(), 1, "{github}");
    let sarif: Value = serde_json::from_str(&report("sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "map-value-or-null");
}

#[test]
fn the_first_of_the_statuses_counts() {
    let (scratch, folder) = objects();
    let (bad, pass) = (scratch.path("bad.o"), format!("{folder}/pass.o"));
    std::fs::write(&bad, "no object").unwrap();
    let status = |files: &[&str]| run(&[&["verify", "--engine", "userspace"], files].concat()).status;
    assert_eq!(status(&[&pass, &pass]), Some(0));
    assert_eq!(status(&[&pass, &format!("{folder}/below/null.o")]), Some(1));
    assert_eq!(status(&[&bad, &format!("{folder}/below/null.o")]), Some(3));
    assert_eq!(status(&[&pass, &scratch.path("nosuch.o")]), Some(3));
    for wrong in [&["--budget", "x"][..], &["--tolerance", "5%"], &["--set", "x"]] {
        assert_eq!(status(&[&[pass.as_str()], wrong].concat()), Some(2), "{wrong:?}");
    }
    assert_eq!(status(&[&pass, "--set", "nosuch=1"]), Some(3));
}

/// A loop whose bound is a constant that loaders set.
const LOOPS: &str = "\
#define SEC(name) __attribute__((section(name), used))
const volatile unsigned int rounds = 3;
SEC(\"xdp\") int loops(void *ctx)
{
    unsigned int sum = 0;
    for (unsigned int i = 0; i < rounds && i < 1000; i++) {
        sum += i;
        asm volatile(\"\" : \"+r\"(sum));
    }
    return sum > 3 ? 2 : 1;
}
SEC(\"xdp\") int other(void *ctx) { return 2; }
char LICENSE[] SEC(\"license\") = \"GPL\";
";

#[test]
fn configurations_decide_what_is_walked() {
    if !has("configurations_decide_what_is_walked", "clang", "clang") {
        return;
    }
    let scratch = Scratch::new();
    let (source, object) = (scratch.path("loops.c"), scratch.path("loops.o"));
    std::fs::write(&source, LOOPS).unwrap();
    let clang = std::process::Command::new("clang")
        .args(["-O2", "-g", "-target", "bpf", "-c", &source, "-o", &object])
        .output()
        .unwrap();
    assert!(clang.status.success(), "{}", String::from_utf8_lossy(&clang.stderr));
    let (few, many) = (scratch.path("few.json"), scratch.path("many.json"));
    std::fs::write(&few, r#"{"set": {"rounds": 2}}"#).unwrap();
    std::fs::write(&many, r#"{"name": "every round", "set": {"rounds": 1000}, "without": ["other"]}"#)
        .unwrap();
    let gate = ["verify", &object, "--config", &few, "--config", &many, "--format", "jsonl"];
    let mut engines = vec!["userspace"];
    engines.extend(may_load("configurations_decide_what_is_walked").then_some("kernel"));
    let counted = engines.into_iter().map(|engine| {
        let rows = rows(&run(&[&gate[..], &["--engine", engine]].concat()).done());
        let seen: Vec<(&str, &str)> = rows
            .iter()
            .map(|row| (row["program"].as_str().unwrap(), row["config"].as_str().unwrap()))
            .collect();
        assert_eq!(seen, [("loops", "few"), ("loops", "every round"), ("other", "few")]);
        rows.iter().map(|row| row["processed"].as_u64().unwrap()).collect::<Vec<u64>>()
    });
    let counted: Vec<Vec<u64>> = counted.collect();
    assert!(counted[0][1] > 100 * counted[0][0], "{counted:?}");
    assert!(counted.iter().all(|counts| *counts == counted[0]), "both verifiers count alike: {counted:?}");
}

#[test]
fn the_step_of_a_workflow() {
    let (scratch, folder) = objects();
    let summary = scratch.path("summary.md");
    let step = |objects: &str| {
        std::process::Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/gate"))
            .env("KNOCKWRIGHT", env!("CARGO_BIN_EXE_knockwright"))
            .env("GATE_OBJECTS", objects)
            .env("GATE_BUDGET", "80%")
            .env("GITHUB_STEP_SUMMARY", &summary)
            .output()
            .unwrap()
    };
    let accepted = step(&format!("{folder}/pass.o"));
    assert!(accepted.status.success(), "{}", String::from_utf8_lossy(&accepted.stderr));
    let ran = step(&folder);
    assert_eq!(ran.status.code(), Some(1));
    assert!(ran.stdout.starts_with(b"::error file=knock.bpf.c,line=130,"));
    let summary = std::fs::read_to_string(summary).unwrap();
    assert!(summary.contains("1 of 2 rejected") && summary.contains("❌ reject"), "{summary}");
    let inputs = include_str!("../action.yml");
    for variable in ["GATE_OBJECTS", "GATE_KERNELS", "GATE_BUDGET", "GATE_BASELINE", "GATE_ARGUMENTS"] {
        assert!(inputs.contains(variable), "{variable}");
    }
}
