//! Files that commands write: whole or not at all, through random names, never through somebody's link.

mod support;

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use rustix::fs::{Mode, OFlags};
use support::cli::{Scratch, command, run, run_on, run_with};
use support::{has, skip};

/// The commands that write a file, with its path at the end.
const WRITERS: [&[&str]; 4] = [
    &["build", "pass", "-o"],
    &["asm", "code.s", "--format", "obj", "-o"],
    &["explain", "log.txt", "--engine", "none", "--format", "html", "-o"],
    &["explain", "log.txt", "--engine", "none", "-o"],
];

const LOG: &str = "0: (95) exit\nR0 !read_ok\n\
    processed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n";

/// Runs a writer in a folder.
fn write(folder: &Scratch, arguments: &[&str], path: &str) -> support::cli::Ran {
    folder.file("code.s", "r0 = 2\nexit\n");
    folder.file("log.txt", LOG);
    let mut command = command(&[arguments, &[path]].concat());
    command.current_dir(folder.path(""));
    run_with(command, b"")
}

fn names(folder: &Scratch) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path("")).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name != "code.s" && name != "log.txt");
    names.sort();
    names
}

#[test]
fn a_planted_link_is_replaced_and_not_followed() {
    for writer in WRITERS {
        let scratch = Scratch::new();
        let precious = scratch.file("precious", "keep me");
        symlink(&precious, scratch.path("out")).unwrap();
        symlink(scratch.path("nowhere"), scratch.path("dangling")).unwrap();
        for out in ["out", "dangling"] {
            write(&scratch, writer, out).done();
            assert!(std::fs::symlink_metadata(scratch.path(out)).unwrap().is_file(), "{writer:?}");
        }
        assert_eq!(std::fs::read_to_string(precious).unwrap(), "keep me");
        assert_eq!(names(&scratch), ["dangling", "out", "precious"], "{writer:?}");
    }
}

/// Whatever stands in the way of every name that a process may foresee: it's neither used nor touched.
#[test]
fn names_that_can_be_foreseen_are_not_used() {
    let scratch = Scratch::new();
    let precious = scratch.file("precious", "keep me");
    let out = scratch.path("x.o");
    // The process of the command has the number of the shell, which plants the links that it then meets.
    let script = "for name in \"$1.$$.part\" \"$1.$$\" \"$1.part\" \"$1.tmp\" \"$1~\"; do ln -s \"$2\" \"$name\"; done; \
                  exec \"$3\" build pass -o \"$1\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", script, "sh", &out, &precious, env!("CARGO_BIN_EXE_knockwright")]);
    run_with(shell, b"").done();
    assert_eq!(std::fs::read_to_string(precious).unwrap(), "keep me");
    assert_eq!(names(&scratch).len(), 7, "five links, the object and the file that they lead to");
}

#[test]
fn permissions_are_those_of_the_file_before_else_of_the_mask() {
    let mode = |path: &str| std::fs::metadata(path).unwrap().mode() & 0o777;
    for (mask, earlier, expected) in
        [("022", None, 0o644), ("077", None, 0o600), ("077", Some(0o664), 0o664), ("022", Some(0o600), 0o600)]
    {
        let scratch = Scratch::new();
        let out = scratch.path("x.o");
        if let Some(earlier) = earlier {
            scratch.file("x.o", "earlier");
            std::fs::set_permissions(&out, std::fs::Permissions::from_mode(earlier)).unwrap();
        }
        let mut shell = Command::new("sh");
        let script = format!("umask {mask}; exec \"$0\" build pass -o \"$1\"");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_knockwright"), &out]);
        run_with(shell, b"").done();
        assert_eq!(mode(&out), expected, "mask {mask}, before {earlier:?}");
    }
}

/// A failure leaves the file as it was, and nothing beside it.
#[test]
fn a_full_disk_leaves_what_was_there() {
    const TEST: &str = "a_full_disk_leaves_what_was_there";
    if !has(TEST, "unshare", "util-linux") {
        return;
    }
    let script = "mount -t tmpfs -o size=8k none \"$1\" && echo earlier >\"$1/out\" && cd \"$1\" && shift && \"$0\" \"$@\" -o out; \
                  echo \"status $?\"; cat out; ls -A";
    // Explanations come one after the other: the disk is full after the first few.
    let logs = Scratch::new();
    let named = |number: u32| format!("libbpf: prog 'p{number}': -- BEGIN PROG LOAD LOG --\n{LOG}");
    let log = logs.file("logs.txt", (0..200).map(named).collect::<String>());
    for writer in [
        &["build", "knock"][..],
        &["explain", &log, "--engine", "none"],
        &["explain", &log, "--engine", "none", "--format", "json"],
        &["explain", &log, "--engine", "none", "--format", "sarif"],
        &["explain", &log, "--engine", "none", "--format", "html"],
    ] {
        let scratch = Scratch::new();
        let mut unshare = Command::new("unshare");
        unshare.args(["--mount", "sh", "-c", script, env!("CARGO_BIN_EXE_knockwright"), &scratch.path("")]);
        unshare.args(writer);
        let ran = run_with(unshare, b"");
        if ran.stderr.contains("not permitted") {
            skip(TEST, ran.stderr.trim());
            return;
        }
        assert_eq!(ran.stdout, "status 4\nearlier\nout\n", "{writer:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("out: No space left on device"), "{writer:?}: {}", ran.stderr);
    }
}

#[test]
fn devices_and_pipes_are_written_to_as_they_are() {
    let scratch = Scratch::new();
    let object = std::fs::read(scratch.build("pass")).unwrap();
    for out in ["/dev/null", "/dev/stdout", "/proc/self/fd/1"] {
        let output = command(&["build", "pass", "-o", out]).output().unwrap();
        assert!(output.status.success(), "{out}");
        assert_eq!(output.stdout == object, out != "/dev/null", "{out}");
    }
    assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
    let pipe = scratch.path("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, Mode::from_raw_mode(0o600)).unwrap();
    // Both ends are open from here on, so that neither side waits for the other.
    let end = rustix::fs::open(&pipe, OFlags::RDWR | OFlags::NONBLOCK, Mode::empty()).unwrap();
    run(&["build", "pass", "-o", &pipe]).done();
    let mut read = vec![0; object.len() + 1];
    let length = rustix::io::read(&end, &mut read).unwrap();
    assert_eq!(&read[..length], object);
}

/// In a folder of everyone's, somebody else's link to a device isn't followed either.
#[test]
fn a_strangers_link_to_a_device_is_replaced() {
    const TEST: &str = "a_strangers_link_to_a_device_is_replaced";
    let scratch = Scratch::new();
    let out = scratch.path("out.o");
    symlink("/dev/null", &out).unwrap();
    let stranger = if rustix::process::geteuid().as_raw() == 65534 { 65533 } else { 65534 };
    if std::os::unix::fs::lchown(&out, Some(stranger), None).is_err() {
        skip(TEST, "not root: files can't be given to somebody else");
        return;
    }
    run(&["build", "pass", "-o", &out]).done();
    assert!(std::fs::symlink_metadata(&out).unwrap().is_file());
}

#[test]
fn manual_pages_follow_no_link() {
    let scratch = Scratch::new();
    let precious = scratch.file("precious", "keep me");
    symlink(&precious, scratch.path("knockwright-verify.1")).unwrap();
    run(&["man", &scratch.path("")]).done();
    assert_eq!(std::fs::read_to_string(precious).unwrap(), "keep me");
    for page in
        ["knockwright.1", "knockwright-verify.1", "knockwright-cases-run.1", "knockwright-fuzz-verifier.1"]
    {
        assert!(Path::new(&scratch.path(page)).is_file(), "{page}");
    }
}

/// The folder of recordings in a checkout, copied.
fn recordings(scratch: &Scratch) -> String {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("verifier-cases/logs");
    let to = scratch.path("verifier-cases/logs");
    std::fs::create_dir_all(&to).unwrap();
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), Path::new(&to).join(file.file_name())).unwrap();
    }
    to
}

fn run_in(folder: &str, arguments: &[&str]) -> support::cli::Ran {
    let mut command = command(arguments);
    command.current_dir(folder);
    run_with(command, b"")
}

/// An installed program has its recordings with it.
#[test]
fn recordings_are_at_hand_outside_of_a_checkout() {
    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().to_str().unwrap().to_owned();
    let text = run_in(&folder, &["cases", "diff", "6.12", "7.3"]).done();
    assert!(text.starts_with("6.12.117+deb12-cloud-amd64 to 7.3.4"), "{text}");
    let said = run_in(&folder, &["cases", "diff", "6.11", "7.3"]).failed(3);
    assert!(said.contains("Linux 6.11 isn't recorded; recorded are 5.10, 6.1, 6.12, "), "{said}");
    // The user-space verifier imitates what was recorded, and says its count of instructions the same.
    let own = ["cases", "run", "article-bounds", "--engine", "userspace", "--kernel", "6.12", "--logs"];
    let text = run_in(&folder, &own).done();
    assert!(text.contains("logs as recorded on 6.12.117"), "{text}");
    let said = run_in(&folder, &["cases", "record", "article-bounds"]).failed(3);
    assert!(said.contains("recordings belong to a checkout"), "{said}");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);

    // In a checkout its own count, also in a folder of it; and those that are named before all others.
    let checkout = Scratch::new();
    let logs = recordings(&checkout);
    std::fs::remove_file(format!("{logs}/6.12.jsonl.gz")).unwrap();
    for place in ["", "verifier-cases"] {
        let said = run_in(&checkout.path(place), &["cases", "diff", "6.12", "7.3"]).failed(3);
        assert!(said.contains("Linux 6.12 isn't recorded; recorded are 5.10, 6.1, 6.16, "), "{said}");
    }
    let said = run(&["cases", "diff", "6.1", "7.3", "--logs", &folder]).failed(3);
    assert!(said.contains("recorded are none in "), "{said}");
    std::fs::write(format!("{logs}/6.1.jsonl.gz"), "no recording").unwrap();
    let said = run(&["cases", "diff", "6.1", "7.3", "--logs", &logs]).failed(3);
    assert!(said.contains("this is no whole recording"), "{said}");
    assert_eq!(run_on(&["cases", "diff", "6.16", "6.16", "--logs", &logs], b"").status, Some(0));
}
