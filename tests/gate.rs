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
        text.stdout.contains("`r0 != 0` before instruction 72 (checked): if (!state) return …;"),
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
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "map-value-or-null");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(
        (&place["artifactLocation"]["uri"], &place["region"]["startLine"]),
        (&"knock.bpf.c".into(), &130.into())
    );
    assert_eq!(result["properties"]["object"], format!("{folder}/below/null.o"));
    assert_eq!(result["properties"]["guard"]["checked"], true);
}

/// One way and one row, however many objects and kernels.
#[test]
fn one_object_has_the_rows_of_many() {
    let (_scratch, folder) = objects();
    let (null, pass) = (format!("{folder}/below/null.o"), format!("{folder}/pass.o"));
    let rows_of = |arguments: &[&str]| {
        let own = ["verify", "--engine", "userspace", "--format", "jsonl"];
        rows(&run(&[&own[..], arguments].concat()).stdout)
    };
    let many = rows_of(&[&folder, "--kernel", "6.12,6.18"]);
    let without_path = |rows: Vec<Value>| {
        let cut = |mut row: Value| {
            row.as_object_mut().unwrap().retain(|name, _| name != "relative");
            row
        };
        rows.into_iter().map(cut).collect::<Vec<_>>()
    };
    let one_by_one = ["6.12", "6.18"].map(|kernel| rows_of(&[&null, "--kernel", kernel]));
    assert_eq!(without_path(one_by_one.concat()), without_path(many[..2].to_vec()));
    assert_eq!(without_path(rows_of(&[&pass, "--kernel", "6.18,6.12"])), without_path(many[2..].to_vec()));
    let names: Vec<&str> = many[0].as_object().unwrap().keys().map(String::as_str).collect();
    for name in
        ["object", "program", "section", "prog_type", "kernel", "engine", "config", "total_states", "class"]
    {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    // Named twice, it's asked about once.
    let spelt = format!("{folder}/./below/../pass.o");
    assert_eq!(rows_of(&[&pass, &spelt, &folder]).len(), 2);
    // A program is chosen among all objects.
    let chosen = rows_of(&[&folder, "--program", "pass"]);
    assert_eq!(chosen.len(), 1, "{chosen:?}");
    let said = run(&["verify", &folder, "--engine", "userspace", "--program", "pas"]).failed(3);
    assert!(said.contains("(did you mean `pass`?)"), "{said}");
}

#[test]
fn logs_are_shown_on_request() {
    let (_scratch, folder) = objects();
    let text = run(&["verify", &folder, "--engine", "userspace", "--log"]);
    assert_eq!(text.status, Some(1));
    assert!(text.stdout.contains(": knock on 6.18:\n0: R1=ctx() R10=fp0\n"), "{}", text.stdout);
    assert!(!text.stdout.split("log of").nth(1).unwrap().contains("func#0 @0"), "only the failing path");
    assert_eq!(text.stdout.matches("\nprocessed ").count(), 2, "{}", text.stdout);
    let lines = run(&["verify", &folder, "--engine", "userspace", "--log", "--format", "jsonl"]).stdout;
    assert!(rows(&lines).iter().all(|row| row["log"].as_str().unwrap().contains("\nprocessed ")), "{lines}");
    for format in ["junit", "sarif", "github"] {
        run(&["verify", &folder, "--log", "--format", format]).failed(2);
    }
    let level = ["verify", &folder, "--engine", "userspace", "--log-level", "0", "--format", "jsonl"];
    let verdicts: Vec<Value> =
        rows(&run(&level).stdout).into_iter().map(|row| row["verdict"].clone()).collect();
    assert_eq!(verdicts, ["reject", "accept"]);
}

/// What can't be read is a row, and the others have theirs; nothing waits for ever.
#[test]
fn objects_that_are_none() {
    let (scratch, folder) = objects();
    scratch.file("objects/bad.o", "no object");
    std::os::unix::fs::symlink("loop.o", format!("{folder}/loop.o")).unwrap();
    std::os::unix::fs::symlink(".", format!("{folder}/again")).unwrap();
    let pipe = format!("{folder}/pipe.o");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let own = ["verify", "--engine", "userspace"];
    let gate = |more: &[&str]| run(&[&own[..], more].concat());
    let ran = gate(&[&folder, "--format", "jsonl"]);
    assert_eq!(ran.status, Some(3), "{}", ran.stderr);
    let seen: Vec<Value> = rows(&ran.stdout).into_iter().map(|row| row["verdict"].clone()).collect();
    assert_eq!(seen, ["error", "reject", "accept"]);
    for what in ["loop.o: a link that leads nowhere", "again: a link to a folder", "pipe.o: a named pipe"] {
        assert!(ran.stderr.contains(what), "{what}: {}", ran.stderr);
    }
    assert!(ran.stderr.contains("bad.o: this is no ELF file"), "{}", ran.stderr);
    for (path, why) in [
        (pipe.as_str(), "a named pipe"),
        ("/dev/null", "a device"),
        (&format!("{folder}/loop.o"), "Too many levels of symbolic links"),
        (&scratch.path("nosuch.o"), "No such file"),
    ] {
        assert!(gate(&[path]).failed(3).contains(why), "{path}");
        let ran = gate(&[path, &format!("{folder}/pass.o")]);
        assert_eq!(ran.status, Some(3), "{}", ran.stderr);
        assert!(ran.stdout.contains(why) && ran.stdout.contains("  accept  "), "{path}: {}", ran.stdout);
    }
    std::fs::create_dir(scratch.path("empty")).unwrap();
    let ran = gate(&[&scratch.path("empty"), &format!("{folder}/pass.o")]);
    assert_eq!(ran.status, Some(3));
    assert!(ran.stdout.contains("no objects (*.o) in this folder"), "{}", ran.stdout);
    let bad = format!("{folder}/bad.o");
    assert!(gate(&[&bad, "--format", "junit"]).stdout.contains("<error message=\"this is no ELF file"));
    assert!(gate(&[&bad, "--format", "github"]).stdout.starts_with("::error title="));
    let sarif: Value = serde_json::from_str(&gate(&[&bad, "--format", "sarif"]).stdout).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["level"], "error");
}

#[test]
fn the_report_comes_before_what_cannot_be_saved() {
    let (scratch, folder) = objects();
    let gate = |save: &str| run(&["verify", &folder, "--engine", "userspace", "--save", save]);
    let ran = gate(&scratch.path("nosuch/rows.jsonl"));
    assert_eq!(ran.status, Some(3));
    assert!(ran.stdout.contains("R0 invalid mem access"), "{}", ran.stdout);
    assert!(ran.stderr.contains("nosuch/rows.jsonl: No such file"), "{}", ran.stderr);
    assert!(gate("-").failed(2).contains("--save takes a file"));
}

/// Whatever an object or a file is called: nothing of it reaches a terminal or a report as it is.
#[test]
fn names_do_nothing_to_terminals_and_reports() {
    let (scratch, folder) = objects();
    let evil = "a\u{1b}]0;t\u{7}|%0A`*x*\r.o";
    let object = scratch.path(evil);
    std::fs::copy(format!("{folder}/below/null.o"), &object).unwrap();
    let config = scratch.file("c.json", "{\"name\": \"\\u001b[5m\\uffff\"}");
    let summary = scratch.path("summary.md");
    for format in ["text", "jsonl", "junit", "sarif", "github"] {
        let mut command = support::cli::command(&[
            "verify",
            &object,
            "--config",
            &config,
            "--engine",
            "userspace",
            "--format",
            format,
        ]);
        command.env("GITHUB_STEP_SUMMARY", &summary);
        let ran = support::cli::run_with(command, b"");
        assert_eq!(ran.status, Some(1), "{}", ran.stderr);
        let text = ran.stdout + &ran.stderr;
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{format}: {text:?}");
        if format == "junit" {
            assert!(!text.contains('\u{ffff}'), "no XML has that: {text:?}");
        }
    }
    let summary = std::fs::read_to_string(summary).unwrap();
    assert!(!summary.contains(|c: char| c.is_control() && c != '\n'), "{summary:?}");
    assert!(summary.contains(r"a\\u{1b}\]0;t\\u{7}\|%0A\`\*x\*\\u{d}.o | knock |"), "{summary}");
}

#[test]
fn configurations_that_are_slips_of_the_pen() {
    let (scratch, folder) = objects();
    let gate = |configs: &[(&str, &str)]| {
        let mut arguments = vec!["verify".to_owned(), folder.clone(), "--engine=userspace".to_owned()];
        for (name, text) in configs {
            arguments.extend(["--config".to_owned(), scratch.file(name, text)]);
        }
        run(&arguments)
    };
    let none = gate(&[("none.json", r#"{"without": ["pass", "knock"]}"#)]).failed(2);
    assert!(none.contains("`none` leaves out every program"), "{none}");
    let unknown = gate(&[("few.json", r#"{"without": ["pas"]}"#)]).failed(3);
    assert!(unknown.contains("no object has a program `pas` (did you mean `pass`?)"), "{unknown}");
    let twice = gate(&[("one.json", r#"{"name": "x"}"#), ("two.json", r#"{"name": "x"}"#)]).failed(2);
    assert!(twice.contains("two configurations are called `x`"), "{twice}");
    assert_eq!(gate(&[("few.json", r#"{"without": ["knock"]}"#)]).status, Some(0));
    let null = format!("{folder}/below/null.o");
    let sets = ["verify", &null, "--engine", "userspace", "--set", "a=5", "--set", "a=6"];
    assert!(run(&sets).failed(2).contains("`a` is set twice"));
}

/// Without a log there is no message.
#[test]
fn a_rejection_without_a_log_has_its_number() {
    let (_scratch, folder) = objects();
    let null = format!("{folder}/below/null.o");
    let said = run(&["verify", &null, "--engine", "userspace", "--log-level", "0"]);
    assert!(said.stdout.starts_with("knock: rejected (errno 13)"), "{}", said.stdout);
}

#[test]
fn a_baseline_goes_by_the_object_and_says_what_it_lacks() {
    let (scratch, folder) = objects();
    let saved = scratch.path("saved.jsonl");
    let verify = |folder: &str, objects: &[&str], more: &[&str]| {
        let mut command =
            support::cli::command(&[&["verify", "--engine", "userspace"][..], objects, more].concat());
        command.current_dir(folder);
        support::cli::run_with(command, b"")
    };
    verify(&folder, &["pass.o", "below"], &["--save", &saved]);
    let text = std::fs::read_to_string(&saved).unwrap();
    std::fs::write(&saved, text.replace("\"processed\":2,", "\"processed\":1,")).unwrap();
    let here = scratch.path("");
    for (at, object) in [(&folder, "./pass.o"), (&here, "objects/pass.o"), (&here, "./objects//pass.o")] {
        let ran = verify(at, &[object], &["--baseline", &saved]);
        assert_eq!(ran.status, Some(1), "{object}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains("1 more than the 1 before (+100.0%)"), "{}", ran.stdout);
        assert!(
            ran.stderr.contains("of this there is nothing any more: below/null.o: knock on 6.18"),
            "{}",
            ran.stderr
        );
    }
    let lines = verify(&folder, &["pass.o"], &["--baseline", &saved, "--format", "jsonl"]).stdout;
    assert_eq!(rows(&lines)[0]["faults"][0]["rule"], "over-baseline", "{lines}");
    let other = verify(&folder, &["pass.o"], &["--kernel", "6.12", "--baseline", &saved]);
    assert_eq!(other.status, Some(0));
    assert!(other.stderr.contains("nothing was compared"), "{}", other.stderr);
}

/// A suite of programs that must be rejected passes when they are.
#[test]
fn expected_verdicts() {
    let (scratch, folder) = objects();
    let gate = |lines: &str, more: &[&str]| {
        let expect = scratch.file("expect.jsonl", lines);
        run(&[&["verify", &folder, "--engine", "userspace", "--expect", &expect], more].concat())
    };
    let good =
        r#"{"object": "below/*.o", "kernel": "6.*", "verdict": "reject", "message": "map_value_or_null"}"#;
    let ran = gate(good, &[]);
    assert_eq!((ran.status, ran.stderr.as_str()), (Some(0), ""), "{}", ran.stdout);
    assert!(ran.stdout.contains("as expected") && !ran.stdout.contains("rejected at"), "{}", ran.stdout);
    assert!(!gate(good, &["--format", "junit"]).done().contains("<failure"));
    assert_eq!(gate(good, &["--format", "github"]).done(), "");
    let lines = gate(good, &["--format", "jsonl"]).done();
    assert_eq!(rows(&lines)[0]["expected"], "reject");
    let wrong = gate(&good.replace("map_value_or_null", "!read_ok"), &[]);
    assert_eq!(wrong.status, Some(1));
    assert!(wrong.stdout.contains("expected a message with `!read_ok`, found"), "{}", wrong.stdout);
    let accepted = gate(&format!("{good}\n{{\"program\": \"pass\", \"verdict\": \"reject\"}}"), &[]);
    assert_eq!(accepted.status, Some(1));
    assert!(accepted.stdout.contains("expected reject, found accept"), "{}", accepted.stdout);
    let unused = gate(&format!("{good}\n{{\"program\": \"nosuch\", \"verdict\": \"reject\"}}"), &[]);
    assert_eq!(unused.status, Some(0));
    assert!(unused.stderr.contains("line 2: no row is decided by it"), "{}", unused.stderr);
    assert!(gate("{\"verdict\": \"no\"}", &[]).failed(3).contains("line 1: "));
}

/// Who may not ask is told so, in every row.
#[test]
fn without_a_privilege_the_kernel_is_not_asked() {
    let (_scratch, folder) = objects();
    let ran = run_unprivileged(&["verify", &folder, "--engine", "kernel", "--format", "jsonl"], b"");
    assert_eq!(ran.status, Some(4), "{}", ran.stderr);
    let rows = rows(&ran.stdout);
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert_eq!((&row["verdict"], &row["errno"]), (&"error".into(), &1.into()));
        assert!(row["message"].as_str().unwrap().starts_with("this user may not load programs"), "{row}");
    }
}

#[test]
fn what_is_named_has_to_be_there() {
    let (scratch, folder) = objects();
    let own = ["verify", &folder, "--engine", "userspace"];
    for option in ["--btf", "--baseline", "--expect", "--config"] {
        let said = run(&[&own[..], &[option, &scratch.path("nosuch")]].concat()).failed(3);
        assert!(said.contains("nosuch: No such file"), "{option}: {said}");
    }
    // A summary that can't be written costs no verdict.
    for (summary, note) in [("", false), ("/nosuch/summary.md", true)] {
        let mut command = support::cli::command(&[&own[..], &["--format", "github"]].concat());
        command.env("GITHUB_STEP_SUMMARY", summary);
        let ran = support::cli::run_with(command, b"");
        assert_eq!(ran.status, Some(1));
        assert!(ran.stdout.starts_with("::error "), "{}", ran.stdout);
        assert_eq!(ran.stderr.contains("note: no summary"), note, "{}", ran.stderr);
    }
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
    assert_eq!(status(&[&format!("{folder}/below/null.o"), "--budget", "1", &pass]), Some(1));
}

/// An object of clang's; none where there is no clang.
fn compiled(test: &str, scratch: &Scratch, name: &str, text: &str) -> Option<String> {
    if !has(test, "clang", "clang") {
        return None;
    }
    let (source, object) = (scratch.file(&format!("{name}.c"), text), scratch.path(&format!("{name}.o")));
    let clang = std::process::Command::new("clang")
        .args(["-O2", "-g", "-target", "bpf", "-c", &source, "-o", &object])
        .output()
        .unwrap();
    assert!(clang.status.success(), "{}", String::from_utf8_lossy(&clang.stderr));
    Some(object)
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
    let scratch = Scratch::new();
    let Some(object) = compiled("configurations_decide_what_is_walked", &scratch, "loops", LOOPS) else {
        return;
    };
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

/// A program that isn't chosen is in the object all the same.
#[test]
fn a_configuration_leaves_out_what_is_not_chosen() {
    const TEST: &str = "a_configuration_leaves_out_what_is_not_chosen";
    let scratch = Scratch::new();
    let Some(object) = compiled(TEST, &scratch, "loops", LOOPS) else { return };
    let ask = |name: &str| {
        let config = scratch.file("few.json", format!(r#"{{"without": ["{name}"]}}"#));
        run(&["verify", &object, "--engine", "userspace", "--program", "loops", "--config", &config])
    };
    assert_eq!(ask("other").status, Some(0));
    let none = ask("nosuch").failed(3);
    assert!(none.contains("no object has a program `nosuch`"), "{none}");
}

#[test]
fn values_are_of_the_variables_kind() {
    let scratch = Scratch::new();
    let Some(object) = compiled("values_are_of_the_variables_kind", &scratch, "loops", LOOPS) else { return };
    let said = |value: &str| {
        let ran = run(&["verify", &object, "--engine", "userspace", "--set", value]);
        assert_eq!(ran.status, Some(3), "{value}: {}", ran.stdout);
        ran.stdout
    };
    let text = said("rounds=eth");
    assert!(text.contains("error: `rounds` has 4 bytes: give a number, for that is what it is"), "{text}");
    assert!(said("rounds=0x100000000").contains("4294967296 doesn't fit `rounds`, which has 4 bytes"));
}

/// Programs whose sections don't say what they are for.
const TARGETS: &str = "\
#define SEC(name) __attribute__((section(name), used))
SEC(\"tp_btf\") int entry(unsigned long long *args) { return 0; }
SEC(\"iter\") int walk(unsigned long long *args) { return 0; }
SEC(\"tp_btf/sched_switch\") int leave(unsigned long long *args) { return 0; }
SEC(\"xdp\") int pass(void *ctx) { return 2; }
char LICENSE[] SEC(\"license\") = \"GPL\";
";

#[test]
fn targets_that_are_said() {
    const TEST: &str = "targets_that_are_said";
    let scratch = Scratch::new();
    let Some(object) = compiled(TEST, &scratch, "targets", TARGETS) else { return };
    let gate = |attach: &[&str], engine: &str| {
        let mut arguments = vec!["verify", &object, "--engine", engine, "--format", "jsonl"];
        attach.iter().for_each(|attach| arguments.extend(["--attach", attach]));
        run(&arguments)
    };
    for (attach, why) in [
        ("nosuch=do_exit", "no object has a program `nosuch`"),
        ("pass=do_exit", "`pass` is of a type and section that is for nothing in the kernel's types"),
    ] {
        assert!(gate(&[attach], "userspace").failed(3).contains(why), "{attach}");
    }
    let xdp = scratch.build("pass");
    let said = run(&["verify", &xdp, "--engine", "userspace", "--attach", "do_exit"]).failed(3);
    assert!(said.contains("no program takes a target that its section's name doesn't say"), "{said}");
    if !may_load(TEST) {
        return;
    }
    let verdicts = |attach: &[&str]| -> Vec<String> {
        let ran = gate(attach, "kernel");
        rows(&ran.stdout)
            .iter()
            .map(|row| format!("{} {}", row["program"], row["verdict"]).replace('"', ""))
            .collect()
    };
    assert_eq!(verdicts(&[]), ["entry unsupported", "walk unsupported", "leave accept", "pass accept"]);
    let said = run(&["verify", &object, "--engine", "kernel"]).stdout;
    assert_eq!(said.matches("isn't carried (--attach TARGET names one)").count(), 2, "{said}");
    let known = ["sched_process_exec", "walk=task"];
    assert_eq!(verdicts(&known), ["entry accept", "walk accept", "leave accept", "pass accept"]);
    let missing = ["entry=nosuch_event", "walk=task", "leave=nosuch_either"];
    assert_eq!(verdicts(&missing), ["entry error", "walk accept", "leave error", "pass accept"]);
}

#[test]
fn the_step_of_a_workflow() {
    let (scratch, folder) = objects();
    let summary = scratch.path("summary.md");
    let step_of = |arguments: &[&str], objects: &str| {
        std::process::Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/gate"))
            .args(arguments)
            .env("KNOCKWRIGHT", env!("CARGO_BIN_EXE_knockwright"))
            .env("GATE_OBJECTS", objects)
            .env("GATE_BUDGET", "80%")
            .env("GITHUB_STEP_SUMMARY", &summary)
            .output()
            .unwrap()
    };
    let step = |objects: &str| step_of(&[], objects);
    let prepared = step_of(&["prepare"], "");
    assert!(prepared.status.success() && prepared.stdout.is_empty(), "{prepared:?}");
    let accepted = step(&format!("{folder}/pass.o"));
    assert!(accepted.status.success(), "{}", String::from_utf8_lossy(&accepted.stderr));
    let ran = step(&folder);
    assert_eq!(ran.status.code(), Some(1));
    assert!(ran.stdout.starts_with(b"::error file=knock.bpf.c,line=130,"));
    let summary = std::fs::read_to_string(summary).unwrap();
    assert!(summary.contains("1 of 2 rejected") && summary.contains("❌ reject"), "{summary}");
    // What is kept from run to run: paths and keys, wherever the action lies.
    let cache = std::process::Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/./.ci/gate"))
        .arg("cache")
        .env("GATE_KERNELS", "6.1,6.12")
        .env("XDG_CACHE_HOME", scratch.path("cache"))
        .output()
        .unwrap();
    let outputs = String::from_utf8(cache.stdout).unwrap();
    let output = |name: &str| {
        let line = outputs.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        line.unwrap_or_else(|| panic!("{name}: {outputs}"))
    };
    assert_eq!(output("program"), scratch.path("cache/knockwright/action"));
    assert_eq!(output("kernels"), scratch.path("cache/knockwright/kernels"));
    assert!(output("kernels-key").ends_with("-6.1-6.12"), "{outputs}");
    let inputs = include_str!("../action.yml");
    for name in inputs.split("steps.cache.outputs.").skip(1).map(|rest| rest.split(' ').next().unwrap()) {
        assert!(!output(name).is_empty(), "{name}");
    }
    for variable in ["GATE_OBJECTS", "GATE_KERNELS", "GATE_BUDGET", "GATE_BASELINE", "GATE_ARGUMENTS"] {
        assert!(inputs.contains(variable), "{variable}");
    }
}
