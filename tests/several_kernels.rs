//! `verify` and `cases record` on several kernels at once, in QEMU: the rows of each, the logs, and what stays as it was.

mod support;

use std::path::Path;

use knockwright_asm::KernelVersion;
use knockwright_codegen::btf::Kind;
use knockwright_kernels::{self as kernels, qemu};
use knockwright_verifier_cases::record::{Entry, Recording};
use serde_json::Value;
use support::cli::{Scratch, run, run_on};
use support::skip;

/// The kernels that these tests take: an old one, and one with another format of logs.
const KERNELS: [KernelVersion; 2] = [KernelVersion::new(6, 1), KernelVersion::new(6, 12)];

/// Whether the kernels and QEMU are at hand; else says what is missing.
fn have_kernels(test: &str) -> bool {
    if qemu::find_qemu().is_none() {
        return skip(test, "there is no QEMU: install qemu-system-x86");
    }
    let missing = KERNELS.iter().find_map(|series| kernels::image(*series).err());
    missing.is_none_or(|error| skip(test, error))
}

#[test]
fn an_objects_logs_are_shown_on_request_and_only_then() {
    const TEST: &str = "an_objects_logs_are_shown_on_request_and_only_then";
    if !have_kernels(TEST) {
        return;
    }
    let scratch = Scratch::new();
    let (good, bad) = (scratch.build("pass"), scratch.build("article-null"));
    let ran = run(&["verify", &bad, "--kernel", "6.1,6.12"]);
    let row = |kernel: &str| {
        format!("  {kernel:<8} reject          70       7  72: R0 invalid mem access 'map_value_or_null'\n")
    };
    let head = "knock (xdp)\n  kernel   verdict  processed  states  message\n";
    assert_eq!(ran.stdout, format!("{head}{}{}", row("6.1"), row("6.12")), "{}", ran.stderr);
    assert!(ran.stderr.contains("1 of 2 kernels have answered"), "{}", ran.stderr);
    ran.failed(1);

    let ran = run(&["verify", &bad, "--kernel", "6.12", "--log"]);
    assert!(ran.stdout.starts_with("log of knock on Linux 6.12."), "{}", ran.stdout);
    assert!(ran.stdout.contains("\nR0 invalid mem access 'map_value_or_null'\nprocessed 70 insns"));
    assert!(!ran.stdout.contains("func#0 @0"), "only the failing path, as on the running kernel");
    assert_eq!(ran.stderr, "", "nothing to wait for but the one kernel");
    // What is shown is a log that the explainer reads.
    let why = run_on(&["explain", "--format", "json", "--engine", "none"], ran.stdout.as_bytes()).done();
    assert!(why.contains("\"class\":\"map-value-or-null\""), "{why}");
    ran.failed(1);
    let every_path = run(&["verify", &bad, "--kernel", "6.12", "--log", "--log-level", "2"]);
    assert!(every_path.stdout.contains("func#0 @0"), "{}", every_path.stdout);

    let accepted = run(&["verify", &good, "--kernel", "6.1,6.12", "--log"]).done();
    assert_eq!(accepted.matches("\n0: (b7) r0 = 2").count(), 2, "{accepted}");
}

/// Programs of clang's with CO-RE relocations of each kind; `codegen/tests/core_relocations.rs` has them one by one.
const CO_RE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/codegen/tests/objects/core/kinds.o");

#[test]
fn an_object_is_made_for_each_kernel_by_its_own_types() {
    const TEST: &str = "an_object_is_made_for_each_kernel_by_its_own_types";
    if !have_kernels(TEST) {
        return;
    }
    let rows = |program: &str| -> Vec<Value> {
        let ran = run(&["verify", "--program", program, "--kernel", "6.1,6.12", "--format", "jsonl", CO_RE]);
        assert_eq!(ran.status, Some(1), "{}", ran.stderr);
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    // It reads `task_struct.pid` where its context is no task, and the kernel says at which byte.
    let mut places = Vec::new();
    for (row, series) in rows("loads").iter().zip(KERNELS) {
        let types = kernels::types::of_image(&kernels::image(series).unwrap()).unwrap();
        let byte = types.btf().iter().find_map(|(_, kind)| match kind {
            Kind::Struct { name, members, .. } if name == "task_struct" => {
                members.iter().find(|member| member.name == "pid").map(|member| member.bit_offset / 8)
            }
            _ => None,
        });
        let byte = byte.unwrap();
        assert_eq!(row["message"], format!("invalid bpf_context access off={byte} size=4"));
        places.push(byte);
    }
    assert_eq!(places.len(), 2);
    for row in rows("absent_value") {
        assert_eq!(row["message"], "invalid func unknown#195896080");
        let poisoned = row["poisoned"][0].as_str().unwrap();
        assert!(poisoned.contains("CO-RE relocation <enumval_value> "), "{poisoned}");
    }
}

const PASS: &str = "b7000000020000009500000000000000";

#[test]
fn a_batch_has_a_row_for_each_kernel() {
    const TEST: &str = "a_batch_has_a_row_for_each_kernel";
    if !have_kernels(TEST) {
        return;
    }
    let line = |name: &str, insns: &str| {
        format!("{{\"name\": \"{name}\", \"prog_type\": \"xdp\", \"insns\": \"{insns}\"}}\n")
    };
    let lines = [
        line("good", PASS),
        "no object\n".to_owned(),
        line("bad", "9500000000000000"),
        line("odd", "b70"),
        format!(
            "{{\"name\": \"attached\", \"prog_type\": \"cgroup_sock_addr\", \"insns\": \"{PASS}\", \"expected_attach_type\": 10}}\n"
        ),
        line("last", PASS),
    ];
    let batch = ["verify", "--batch", "-", "--engine", "kernel", "--kernel", "6.1,6.12"];
    let ran = run_on(&batch, lines.concat().as_bytes());
    let rows: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let found: Vec<String> = rows
        .iter()
        .map(|row| {
            format!("{} {} {}", row["name"].as_str().unwrap_or("-"), row["kernel"], row["verdict"])
                .replace('"', "")
        })
        .collect();
    let expected: Vec<String> = [
        "good {} accept",
        "- {} error",
        "bad {} reject",
        "odd {} error",
        "attached {} reject",
        "last {} accept",
    ]
    .iter()
    .flat_map(|row| ["6.1", "6.12"].map(|kernel| row.replace("{}", kernel)))
    .collect();
    assert_eq!(found, expected, "{}", ran.stderr);
    assert_eq!((&rows[4]["message"], &rows[4]["insn"]), (&"R0 !read_ok".into(), &0.into()));
    assert!(rows[5]["release"].as_str().unwrap().starts_with("6.12."));
    assert!(rows[2]["message"].as_str().unwrap().starts_with("line 2: "));
    assert!(rows.iter().all(|row| row.get("log").is_none()));
    ran.failed(3);

    let of_status = |lines: &[&str]| run_on(&batch, lines.concat().as_bytes()).status;
    assert_eq!(of_status(&[&lines[0]]), Some(0));
    assert_eq!(of_status(&[&lines[0], &lines[4], &lines[2]]), Some(1));
    // 2 is no result at `connect`, where its attach type takes it.
    assert_eq!(of_status(&[&lines[0], &lines[4]]), Some(1));
    let with_log = run_on(&[&batch[..], &["--log"]].concat(), lines[2].as_bytes());
    assert_eq!(with_log.stdout.matches("processed 1 insns").count(), 2, "{}", with_log.stdout);
}

#[test]
fn missing_kernels_are_all_named() {
    let scratch = Scratch::new();
    let object = scratch.build("pass");
    for arguments in [
        &["verify", &object, "--kernel", "2.4,host,2.6"][..],
        &["verify", "--batch", "-", "--kernel", "2.4,2.6"],
        &["cases", "run", "--kernel", "2.4,2.6"],
        &["cases", "record", "--kernel", "2.4,2.6", "--logs", &scratch.path("logs")],
    ] {
        let said = run(arguments).failed(4);
        assert!(
            said.contains("the kernels 2.4, 2.6 are not at hand: `knockwright cases kernels fetch 2.4 2.6`"),
            "{said}"
        );
    }
    assert!(!Path::new(&scratch.path("logs")).exists(), "and nothing is written");
}

fn entries(folder: &str, kernel: &str) -> Vec<Entry> {
    Recording::open(Path::new(folder), kernel).unwrap().entries
}

/// A case joins the recording of each kernel, and all others stay as they were.
#[test]
fn a_recorded_case_joins_the_others() {
    const TEST: &str = "a_recorded_case_joins_the_others";
    if !have_kernels(TEST) {
        return;
    }
    let scratch = Scratch::new();
    let logs = scratch.path("logs");
    std::fs::create_dir(&logs).unwrap();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("verifier-cases/logs");
    for kernel in ["6.1", "6.12"] {
        let mut recording = Recording::open(&kept, kernel).unwrap();
        // The case as if it had said something else, and another case that isn't there yet.
        for entry in recording.entries.iter_mut().filter(|entry| entry.case == "article-null") {
            entry.verdict.log = "something else\n".to_owned();
        }
        recording.entries.retain(|entry| entry.case != "exit-without-result");
        std::fs::write(Recording::path(Path::new(&logs), kernel), recording.compressed().unwrap()).unwrap();
    }
    let arguments =
        ["cases", "record", "article-null", "exit-without-result", "--kernel", "6.1,6.12", "--logs", &logs];
    run(&arguments).done();
    for kernel in ["6.1", "6.12"] {
        let key = |entry: &Entry| (entry.case.clone(), entry.subject, entry.level);
        // Which release recorded a case is told where it isn't the recording's.
        let plain = |mut entries: Vec<Entry>| {
            entries.iter_mut().for_each(|entry| entry.release = None);
            entries
        };
        let (mut before, mut after) =
            (plain(entries(kept.to_str().unwrap(), kernel)), plain(entries(&logs, kernel)));
        before.sort_by_key(key);
        after.sort_by_key(key);
        assert!(before == after, "{kernel}: {} and {} entries", before.len(), after.len());
    }
    let mut files: Vec<String> = std::fs::read_dir(&logs)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, ["6.1.jsonl.gz", "6.12.jsonl.gz"], "no other file");

    // One kernel that can't be asked leaves the other's recording alone.
    std::fs::write(format!("{logs}/6.12.jsonl.gz"), "no recording").unwrap();
    let before = std::fs::read(format!("{logs}/6.1.jsonl.gz")).unwrap();
    let said = run(&["cases", "record", "article-bounds", "--kernel", "6.1,6.12", "--logs", &logs]).failed(3);
    assert!(said.contains("6.12.jsonl.gz: this is no whole recording"), "{said}");
    assert_eq!(std::fs::read(format!("{logs}/6.1.jsonl.gz")).unwrap(), before);
}

/// `all` are the kernels of the catalogue: the running one is none of them, and has no place among a checkout's recordings.
#[test]
fn the_running_kernel_is_not_recorded_unasked() {
    for kernels in [&[][..], &["--kernel", "host"]] {
        let said = run(&[&["cases", "record", "article-null"], kernels].concat()).failed(2);
        assert!(said.contains("--logs FOLDER"), "{said}");
    }
}
