//! Each command's usual use, what it says to bad input, and the exit status that tells scripts why.
//!
//! 0 done, 1 rejected, 2 usage, 3 bad input, 4 not permitted or not possible here. Never 5, and never a panic.

mod support;

use std::io::{Read as _, Write as _};
use std::process::Stdio;

use support::cli::{Scratch, command, run, run_on, run_unprivileged, run_with};
use support::may_load;

const PASS: &str = "b7000000020000009500000000000000";

/// Where an ELF file names its machine.
const E_MACHINE: usize = 18;

#[test]
fn help_teaches_every_command() {
    let help = run(&["--help"]).done();
    assert!(help.contains("Exit status:"), "{help}");
    let listed = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap();
    let is_name = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    let names: Vec<&str> =
        listed.lines().filter(is_name).filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() >= 18 && names.contains(&"fuzz"), "{names:?}");
    for name in names.into_iter().filter(|name| *name != "help") {
        let help = run(&[name, "--help"]).done();
        assert!(help.contains("Usage:") && help.len() > 150, "{help}");
    }
    assert!(run(&["--version"]).done().starts_with("knockwright 0."));
}

#[test]
fn usage_errors() {
    for arguments in [
        &[][..],
        &["nosuch"],
        &["build"],
        &["build", "knock", "--nosuch"],
        &["asm", "--format", "elf"],
        &["disasm"],
        &["disasm", "--hex", PASS, "file.o"],
        &["inspect"],
        &["inspect", "a.o", "b.o"],
        &["verify"],
        &["verify", "a.o", "--batch", "b.jsonl"],
        &["verify", "a.o", "--log-level", "3"],
        &["explain", "--format", "pdf"],
        &["explain", "--program", "x"],
        &["explain", "--object", "a.o", "--case", "index-border"],
        &["explain", "--object", "-"],
        &["verify", "a.o", "--engine", "guess"],
        &["verify", "--batch", "-", "--format", "text"],
        &["cases"],
        &["cases", "show"],
        &["cases", "run", "--kernel", "newest"],
        &["cases", "run", "--format", "html"],
        &["completions", "nosuch"],
    ] {
        let said = run(arguments).failed(2);
        assert!(said.contains("--help") || said.contains("error:"), "{arguments:?}: {said}");
    }
}

#[test]
fn build_lists_and_writes() {
    let list = run(&["build", "--list"]).done();
    assert!(list.starts_with("knock "), "{list}");
    let scratch = Scratch::new();
    let path = scratch.path("knock.o");
    let ran = run(&["build", "knock", "-o", &path]);
    assert!(ran.stderr.contains(" instructions in "), "{}", ran.stderr);
    ran.done();
    let written = std::fs::read(&path).unwrap();
    assert!(written.starts_with(b"\x7fELF"));
    // The same bytes again, to standard output, and to the default place.
    let piped = command(&["build", "knock", "-o", "-"]).output().unwrap();
    assert!(piped.status.success() && piped.stdout == written);
    let mut here = command(&["build", "knock"]);
    here.current_dir(std::path::Path::new(&path).parent().unwrap());
    run_with(here, b"").done();
    assert_eq!(std::fs::read(&path).unwrap(), written);
    let said = run(&["build", "nosuch"]).failed(3);
    assert!(said.contains("`nosuch`") && said.contains("--list"), "{said}");
}

#[test]
fn places_that_cannot_be_written() {
    let scratch = Scratch::new();
    let write = |path: &str| run(&["build", "pass", "-o", path]);
    let said = write(&scratch.path("no/such/folder.o")).failed(3);
    assert!(said.contains("folder.o: No such file or directory"), "{said}");
    write(&scratch.path("")).failed(3);
    let said = write("/dev/full").failed(4);
    assert!(said.contains("/dev/full: No space left"), "{said}");
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
    for arguments in
        [&["build", "--list"][..], &["disasm", "--hex", PASS], &["completions", "zsh"], &["demo"]]
    {
        let output = command(arguments).stdout(full()).stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(4), "{arguments:?}: {said}");
        assert!(said.contains("standard output: No space left"), "{said}");
    }
    let status = command(&["build", "nosuch"]).stderr(full()).status().unwrap();
    assert_eq!(status.code(), Some(3), "nowhere to say it");
}

#[test]
fn readers_that_go_away() {
    let scratch = Scratch::new();
    let object = scratch.build("knock");
    for arguments in [
        &["inspect", &object][..],
        &["inspect", "--format", "json", &object],
        &["disasm", &object],
        &["completions", "bash"],
        &["build", "knock", "-o", "-"],
        &["build", "--list"],
    ] {
        let (status, said) = unread(arguments, b"");
        assert_eq!(status, Some(0), "{arguments:?}: {said}");
        assert!(!said.contains("error"), "{said}");
    }
}

/// Runs a command whose standard output nobody reads, not even its first byte: its status and what it said.
fn unread(arguments: &[&str], input: &[u8]) -> (Option<i32>, String) {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut child = command(arguments)
        .stdin(Stdio::piped())
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let _ = child.stdin.take().unwrap().write_all(input); // a command that fails early doesn't read it
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_closed_pipe_keeps_the_verdict() {
    let scratch = Scratch::new();
    let (good, bad) = (scratch.build("pass"), scratch.build("article-null"));
    let config = scratch.file("bad.toml", "nonsense = 1\n");
    let own = ["verify", "--engine", "userspace"];
    // Under the name of 6.12 what 6.18 said: the logs differ.
    let logs = scratch.path("");
    let recorded = concat!(env!("CARGO_MANIFEST_DIR"), "/verifier-cases/logs/6.18.jsonl.gz");
    std::fs::copy(recorded, scratch.path("6.12.jsonl.gz")).unwrap();
    let of_another_kernel = ["cases", "run", "article-null", "--engine", "userspace", "--kernel", "6.12"];
    let lines = |names: &[&str]| names.iter().map(|name| batch_line(name, name)).collect::<String>();
    let (pass, fail) = (lines(&[PASS]), lines(&[PASS, "9500000000000000", PASS]));
    // Far more than fits into any buffer, so that the pipe is seen to be closed long before the last line.
    let long = lines(&[PASS; 3000]) + &batch_line("odd", "b70");
    for (arguments, input, status) in [
        (&[&own[..], &[&good]].concat()[..], "", 0),
        (&[&own[..], &[&bad]].concat(), "", 1),
        (&[&own[..], &[&bad, "--log"]].concat(), "", 1),
        (&[&own[..], &[&bad, "--format", "jsonl", "--log"]].concat(), "", 1),
        (&[&own[..], &["--batch", "-"]].concat(), &pass, 0),
        (&[&own[..], &["--batch", "-"]].concat(), &fail, 1),
        (&[&own[..], &["--batch", "-", "--log"]].concat(), &long, 3),
        (&["check", &config], "", 3),
        (&["cases", "run", "article-null", "--engine", "userspace"], "", 0),
        (&[&of_another_kernel[..], &["--logs", &logs]].concat(), "", 1),
        (&[&of_another_kernel[..], &["--logs", &logs, "--format", "jsonl"]].concat(), "", 1),
        (&["cases", "diff", "6.1", "6.12"], "", 0),
        (&["learn", "map-value-max", "--show"], "", 0),
    ] {
        let read = run_on(arguments, input.as_bytes());
        assert_eq!(read.status, Some(status), "{arguments:?}: {}{}", read.stdout, read.stderr);
        let (status, said) = unread(arguments, input.as_bytes());
        assert_eq!((status, said), (read.status, read.stderr), "{arguments:?}");
    }
    if may_load("a_closed_pipe_keeps_the_verdict") {
        for arguments in [&["verify", &bad, "--log"][..], &["verify", &bad, "--engine", "kernel"]] {
            assert_eq!(unread(arguments, b"").0, Some(1), "{arguments:?}");
        }
        assert_eq!(unread(&["demo"], b"").0, Some(0));
    }
}

/// Nobody hears what a command says either: that changes nothing.
#[test]
fn standard_error_that_is_closed_or_full() {
    let scratch = Scratch::new();
    let bad = scratch.build("article-null");
    for arguments in
        [&["verify", "--engine", "userspace", &bad][..], &["verify", "--engine", "userspace", "--log", &bad]]
    {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        assert_eq!(command(arguments).stderr(full).output().unwrap().status.code(), Some(1), "{arguments:?}");
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        assert_eq!(
            command(arguments).stderr(writer).output().unwrap().status.code(),
            Some(1),
            "{arguments:?}"
        );
    }
}

/// What a command says while somebody sits at its terminal: the text up to `until`.
fn on_a_terminal(arguments: &[&str], until: &str) -> String {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap().into_string().unwrap();
    let keyboard = std::fs::File::options().read(true).write(true).open(name).unwrap();
    let mut child =
        command(arguments).stdin(keyboard).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let mut said = Vec::new();
    let mut byte = [0];
    while !String::from_utf8_lossy(&said).contains(until) && stderr.read(&mut byte).unwrap() > 0 {
        said.extend(byte);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    String::from_utf8(said).unwrap()
}

#[test]
fn what_waits_for_a_terminal_says_so() {
    for (arguments, what) in [
        (&["asm"][..], "lines such as `r0 = 2`"),
        (&["asm", "-"], "lines such as `r0 = 2`"),
        (&["disasm", "-"], "an object or hexadecimal digits"),
        (&["inspect", "-"], "an object"),
        (&["verify", "-"], "an object"),
        (&["verify", "--batch", "-", "--engine", "userspace"], "programs, one JSON object a line,"),
        (&["check", "-"], "a configuration"),
        (&["explain"], "what a loader prints, with the verifier's log,"),
    ] {
        let said = on_a_terminal(arguments, "ends it");
        assert!(
            said.ends_with(&format!("reading {what} from the terminal; Ctrl-D on a line of its own ends it")),
            "{said}"
        );
    }
    assert_eq!(run_on(&["asm"], b"exit").stderr, "", "no terminal, no word");
}

/// What somebody typed, or a script gave, is shown and not obeyed.
#[test]
fn what_is_typed_does_nothing_to_a_terminal() {
    for arguments in [
        &["verify", "a.o", "--budget", "\x1b]0;title\x07"][..],
        &["verify", "a.o", "--set", "\x1b[5m\x07"],
        &["verify", "a.o", "--\x1b[5m\x07"],
        &["\x1b[5m\x07"],
    ] {
        let said = on_a_terminal(arguments, "--help");
        let (typed, ours) = ("\u{7}", "\x1b");
        assert!(!said.contains(typed) && !said.contains(ours), "{arguments:?}: {said:?}");
        run(arguments).failed(2);
    }
}

#[test]
fn a_mistyped_name_finds_the_one_that_was_meant() {
    let scratch = Scratch::new();
    let object = scratch.build("pass");
    for (arguments, meant) in [
        (&["build", "knok"][..], "`knock`"),
        (&["build", "article-nul"], "`article-null`"),
        (&["learn", "map-value-mx"], "`map-value-max`"),
        (&["learn", "article-bonds"], "`article-bounds`"),
        (&["cases", "show", "artcle-null"], "`article-null`"),
        (&["cases", "list", "map-valu-max"], "`map-value-max`"),
        (&["cases", "run", "Article-Null"], "`article-null`"),
        (&["cases", "record", "article-nul"], "`article-null`"),
        (&["explain", "--case", "article-nul", "/dev/null"], "`article-null`"),
        (&["verify", &object, "--program", "pas"], "`pass`"),
        (&["disasm", &object, "--program", "pas"], "`pass`"),
    ] {
        let said = run(arguments).failed(3);
        assert!(said.contains(&format!("(did you mean {meant}?)")), "{arguments:?}: {said}");
    }
    for arguments in [&["build", "zebra"][..], &["learn", "zebra"], &["cases", "show", "zebra"]] {
        let said = run(arguments).failed(3);
        assert!(!said.contains("did you mean"), "{said}");
    }
}

#[test]
fn asm_takes_text_and_disasm_gives_it_back() {
    let scratch = Scratch::new();
    let text = "start:\nr0 = 2 ; the verdict\nif r0 == 0x0 goto start\nexit\n";
    let hex = run_on(&["asm"], text.as_bytes()).done();
    assert_eq!(hex, "b7000000020000001500feff000000009500000000000000\n");
    let listing = run(&["disasm", "--hex", hex.trim_end()]).done();
    assert!(listing.contains("if r0 == 0x0 goto L0"), "{listing}");
    let binary = scratch.path("code.bin");
    run_on(&["asm", "-", "--format", "bin", "-o", &binary], text.as_bytes()).done();
    assert_eq!(hex::encode(std::fs::read(&binary).unwrap()), hex.trim_end());
    assert_eq!(run(&["disasm", &binary]).done(), listing);
    assert_eq!(run_on(&["disasm", "-"], hex.as_bytes()).done(), listing);
    let file = scratch.file("code.s", text);
    assert_eq!(run(&["asm", &file]).done(), hex);
}

#[test]
fn asm_shows_where_text_is_wrong() {
    for (text, parts) in [
        ("r0 = 2\nfly r1\n", &["standard input:2:1", "fly"][..]),
        ("r0 = r11\n", &[":1:6", "r11"]),
        ("here:\nr0 = 1\nhere:\nexit\n", &[":3:1", "`here`", "on line 1"]),
        ("goto nowhere\nexit\n", &[":1:6", "nowhere"]),
        ("r1 = map[nosuch]\nexit\n", &[":1:", "nosuch"]),
        ("call bpf_nosuch\nexit\n", &[":1:", "bpf_nosuch"]),
        ("r0 = 99999999999999999999\n", &[":1:6"]),
        (".map m nosuch key 4 value 4 entries 1\nexit\n", &[":1:", "nosuch"]),
        ("r0 = 1 1\n", &[":1:8"]),
    ] {
        let said = run_on(&["asm"], text.as_bytes()).failed(3);
        assert!(parts.iter().all(|part| said.contains(part)), "{text}: {said}");
    }
    let said = run_on(&["asm"], b"r0 = 2\n\xff\n").failed(3);
    assert!(said.contains("byte 7 is no UTF-8"), "{said}");
}

#[test]
fn disasm_says_what_is_wrong_with_digits() {
    for (digits, part) in [("b7000", ""), ("zz", ""), ("", "no code"), ("b700", "")] {
        let said = run(&["disasm", "--hex", digits]).failed(3);
        assert!(said.contains("--hex: ") && said.contains(part), "{said}");
    }
    let said = run_on(&["disasm", "-"], b"neither text nor code").failed(3);
    assert!(said.contains("neither an ELF object nor machine code"), "{said}");
    // Slots that are no instructions are kept as they are.
    let raw = "ff00000000000000";
    let listing = run(&["disasm", "--hex", raw]).done();
    assert!(listing.contains(".slot"), "{listing}");
    assert_eq!(run_on(&["asm"], listing.as_bytes()).done().trim_end(), raw);
}

#[test]
fn inspect_shows_what_an_object_holds() {
    let scratch = Scratch::new();
    let object = scratch.build("knock");
    let text = run(&["inspect", &object]).done();
    for part in ["license Dual MIT/GPL", "config_map", "struct ip_state", "R_BPF_64_64", "sequence.rs"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let json = run(&["inspect", "--format", "json", &object]).done();
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["maps"][1]["name"], "ip_tracking_map");
    let bytes = std::fs::read(&object).unwrap();
    assert_eq!(run_on(&["inspect", "-"], &bytes).done(), text);
}

/// The commands that read objects, with the object's path at the end.
const READERS: [&[&str]; 3] = [&["inspect"], &["disasm"], &["verify"]];

#[test]
fn files_that_are_no_objects() {
    let scratch = Scratch::new();
    let mut foreign = std::fs::read(scratch.build("knock")).unwrap();
    foreign[E_MACHINE..][..2].copy_from_slice(&62u16.to_le_bytes());
    let files = [
        (scratch.path("nosuch.o"), "No such file or directory"),
        (scratch.path(""), "Is a directory"),
        (scratch.file("empty.o", b""), ""),
        (scratch.file("text.o", b"not an object at all"), ""),
        (scratch.file("magic.o", b"\x7fELF"), ""),
        (scratch.file("foreign.o", foreign), "62"),
        (env!("CARGO_BIN_EXE_knockwright").to_owned(), ""),
    ];
    for reader in READERS {
        // A folder is a place of objects for `verify`.
        let takes_folders = reader == ["verify"];
        for (path, part) in files.iter().filter(|(path, _)| !(takes_folders && path.ends_with('/'))) {
            let said = run(&[reader, &[path]].concat()).failed(3);
            assert!(said.contains(part), "{reader:?} {path}: {said}");
        }
    }
}

#[test]
fn objects_cut_off_anywhere() {
    let scratch = Scratch::new();
    let object = std::fs::read(scratch.build("pass")).unwrap();
    for cut in (0..object.len()).step_by(43) {
        let path = scratch.file("cut.o", &object[..cut]);
        for reader in [&["inspect"], &["disasm"]] {
            run(&[reader, &[path.as_str()][..]].concat()).failed(3);
        }
    }
}

/// The object with a section's name overwritten, so that it's missing under the old one. The name of a section of relocations
/// holds the name of their section.
fn without_section(object: &[u8], name: &str) -> Vec<u8> {
    let mut object = object.to_vec();
    let with_ends = [b"\0", name.as_bytes(), b"\0"].concat();
    let at = object.windows(with_ends.len()).rposition(|window| window == with_ends).expect("a section name");
    object[at + 1..at + 1 + name.len()].fill(b'z');
    object
}

#[test]
fn objects_without_a_section() {
    let scratch = Scratch::new();
    let object = std::fs::read(scratch.build("knock")).unwrap();
    for (name, status, shown, verified) in [
        (".maps", 4, "note: ", "bad map relo against section 'zzzzz' for 'config_map'"),
        (
            ".relxdp",
            4,
            "the name of section zzz stands for no",
            "section zzz holds code, but its name stands for no",
        ),
        (
            ".BTF",
            4,
            "; map config_map is defined by its type alone",
            "BTF is required, but is missing or corrupted",
        ),
    ] {
        let path = scratch.file("without.o", without_section(&object, name));
        run(&["inspect", &path]).done();
        let listing = run(&["disasm", &path]);
        assert!(
            [&listing.stdout, &listing.stderr].iter().any(|text| text.contains(shown)),
            "{name}: {listing:?}"
        );
        listing.done();
        let verdict = run(&["verify", &path]);
        assert_eq!(verdict.status, Some(status), "{name}: {verdict:?}");
        assert!(
            [&verdict.stdout, &verdict.stderr].iter().any(|text| text.contains(verified)),
            "{name}: {verdict:?}"
        );
    }
    // It's still a program without its source lines and its licence.
    for name in [".BTF.ext", "license"] {
        let path = scratch.file("without.o", without_section(&object, name));
        run(&["inspect", &path]).done();
        run(&["disasm", &path]).done();
    }
}

#[test]
fn programs_by_name() {
    let scratch = Scratch::new();
    let object = scratch.build("pass");
    for reader in [&["disasm"], &["verify"]] {
        let said = run(&[&reader[..], &["--program", "nosuch", &object]].concat()).failed(3);
        assert!(said.contains("no program `nosuch`; it holds pass"), "{said}");
    }
    assert!(run(&["disasm", "--program", "pass", &object]).done().contains("exit"));
}

/// What a section's name doesn't say can be said, and a section chosen.
#[test]
fn types_and_sections_that_are_said() {
    let listing = run(&["disasm", "--section", "other", CLANG]).done();
    assert!(listing.starts_with(".program unknown\n.section other\n"), "{listing}");
    let listing = run(&["disasm", "--section", "other", "--type", "socket_filter", CLANG]).done();
    assert!(listing.starts_with(".program unknown socket_filter\n.section other\n"), "{listing}");
    let said = run(&["disasm", "--section", "othr", CLANG]).failed(3);
    assert!(said.contains("no program stands in a section `othr`") && said.contains("`other`?"), "{said}");
    let said = run(&["disasm", "--type", "xpd", CLANG]).failed(2);
    assert!(said.contains("xpd"), "{said}");
    let report = run(&["inspect", "--section", "other", "--type", "xdp", CLANG]).done();
    assert!(report.contains("other    unknown   xdp"), "{report}");
    let said = run(&["inspect", "--section", "othr", CLANG]).failed(3);
    assert!(said.contains("no section `othr`"), "{said}");
    let scratch = Scratch::new();
    let text = ".program p\n.section socket1\nr0 = 0\nexit\n";
    let object = scratch.path("socket1.o");
    run_on(&["asm", "--format", "obj", "-o", &object], text.as_bytes()).done();
    let verify = ["verify", "--engine", "userspace", "--section", "socket1", &object];
    let said = run(&verify);
    assert_eq!(said.status, Some(4), "{}", said.stderr);
    assert!(said.stdout.contains("its name stands for no program type"), "{}", said.stdout);
    let said = run(&[&verify[..], &["--type", "socket_filter"]].concat()).done();
    assert!(said.starts_with("p: accepted; "), "{said}");
}

/// An object of clang's, from C of our own, with what only loaders can resolve beside what can be read.
const CLANG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/codegen/tests/objects/clang.o");

#[test]
fn objects_of_other_compilers() {
    let said = run(&["verify", "--engine", "userspace", "--program", "core", CLANG]);
    assert_eq!(said.status, Some(4), "{}", said.stderr);
    // For its relocations, or where there are types of a kernel for another function that it names and that no kernel has.
    assert!(said.stdout.starts_with("core: not "), "{}", said.stdout);
    let listing = run(&["disasm", "--program", "core", CLANG]).done();
    assert!(listing.contains("; co-re: byte_off "), "{listing}");
    // libbpf takes nothing of an object with such maps, whoever is asked.
    for engine in [["--engine", "userspace"], ["--kernel", "6.12"]] {
        let said = run(&[&["verify", "--program", "links"][..], &engine, &[CLANG]].concat());
        assert_eq!(said.status, Some(4), "{}", said.stderr);
        assert!(
            said.stdout.contains("legacy map definitions in 'maps' section are not supported"),
            "{}",
            said.stdout
        );
    }
}

/// Our own verifier asks no kernel: the same verdicts, and `unsupported` where it isn't sure.
#[test]
fn verdicts_of_the_user_space_verifier() {
    let scratch = Scratch::new();
    let knock = scratch.build("knock");
    let verdict = run(&["verify", "--engine", "userspace", &knock]).done();
    assert!(verdict.starts_with("knock: accepted; "), "{verdict}");
    let said = run(&["verify", "--engine", "userspace", &scratch.build("article-bounds")]);
    assert!(
        said.stdout.contains("rejected at 121: r1 = *(u16 *)(r7 +0): R7 max value is outside"),
        "{}",
        said.stdout
    );
    let said = run(&["verify", "--engine", "userspace", "--kernel", "5.10", &knock]).failed(4);
    assert!(said.contains("doesn't imitate Linux 5.10"), "{said}");
    let said = run(&["verify", "--engine", "userspace", "--kernel", "all", &knock]).done();
    assert!(said.starts_with("knock (xdp)\n  kernel   verdict"), "{said}");
}

#[test]
fn verdicts_on_objects() {
    if !may_load("verdicts_on_objects") {
        return;
    }
    let scratch = Scratch::new();
    let knock = scratch.build("knock");
    let verdict = run(&["verify", &knock]).done();
    assert!(verdict.starts_with("knock: accepted; "), "{verdict}");
    assert!(verdict.ends_with(" instructions processed\n"), "{verdict}");
    let log = run(&["verify", "--log", &knock]).done();
    assert!(log.contains("let config = p.lookup(k.config_map, &key); @ mod.rs:"), "{log}");

    for (name, end) in [
        (
            "article-null",
            "rejected at 72: r1 = *(u8 *)(r0 +0): R0 invalid mem access 'map_value_or_null' (errno 13); \
             70 instructions processed\n",
        ),
        (
            "article-bounds",
            "rejected at 121: r1 = *(u16 *)(r7 +0): R7 max value is outside of the allowed memory range (errno 13); \
             89 instructions processed\n",
        ),
    ] {
        let ran = run(&["verify", &scratch.build(name)]);
        assert!(ran.stdout.ends_with(end), "{}", ran.stdout);
        ran.failed(1);
        run(&["verify", &scratch.build(&format!("{name}-fixed"))]).done();
    }
    let json = run(&["verify", "--format", "jsonl", "--engine", "kernel", &knock]).done();
    let verdict: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&verdict["verdict"], &verdict["errno"]), (&"accept".into(), &0.into()));
}

fn batch_line(name: &str, insns: &str) -> String {
    format!("{{\"name\": \"{name}\", \"prog_type\": \"xdp\", \"insns\": \"{insns}\"}}\n")
}

#[test]
fn verdicts_on_batches() {
    if !may_load("verdicts_on_batches") {
        return;
    }
    let good = batch_line("good", PASS);
    let verdict = run_on(&["verify", "--batch", "-"], good.as_bytes()).done();
    let expected = r#"{"name":"good","verdict":"accept","errno":0,"insn":null,"message":"","processed":2}"#;
    assert_eq!(verdict.trim_end(), expected);

    let bad = batch_line("bad", "9500000000000000");
    let ran = run_on(&["verify", "--batch", "-"], (good.clone() + &bad).as_bytes());
    let last =
        r#"{"name":"bad","verdict":"reject","errno":13,"insn":0,"message":"R0 !read_ok","processed":1}"#;
    assert_eq!(ran.stdout.lines().last(), Some(last));
    ran.failed(1);

    let lines = good.clone() + "no object\n" + &batch_line("odd", "b70") + &good;
    let ran = run_on(&["verify", "--batch", "-"], lines.as_bytes());
    let verdicts: Vec<serde_json::Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let words: Vec<&str> = verdicts.iter().map(|verdict| verdict["verdict"].as_str().unwrap()).collect();
    assert_eq!(words, ["accept", "error", "error", "accept"], "the batch goes on");
    ran.failed(3);

    let ran = run_on(&["verify", "--log", "--batch", "-"], bad.as_bytes());
    assert!(ran.stdout.contains("processed 1 insns"), "{}", ran.stdout);
    assert_eq!(run_on(&["verify", "--batch", "-"], b"\n\n").done(), "", "no line, no verdict");
}

/// A line without an end takes no more memory than the longest that may be, and the batch goes on after it.
#[test]
fn a_line_beyond_all_bounds() {
    const LIMIT: usize = knockwright_verifier::batch::LONGEST_LINE;
    let good = batch_line("good", PASS);
    let input = [good.as_bytes(), &vec![b'x'; 3 * LIMIT][..], b"\n", good.as_bytes()].concat();
    let arguments = ["verify", "--engine", "userspace", "--batch", "-"];
    let ran = run_on(&arguments, &input);
    let lines: Vec<serde_json::Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let words: Vec<&str> = lines.iter().map(|line| line["verdict"].as_str().unwrap()).collect();
    assert_eq!(words, ["accept", "error", "accept"]);
    let message = format!("line 2: longer than {LIMIT} bytes, the most that a line may have");
    assert_eq!(lines[1]["message"], message);
    ran.failed(3);
    // The same with no more memory than that line may take twice, the program's own included.
    let mut limited = std::process::Command::new("sh");
    let script = format!("ulimit -v {} && exec \"$@\"", (4 * LIMIT) >> 10);
    limited.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_knockwright")]).args(arguments);
    let ran = run_with(limited, &input);
    assert_eq!(ran.stdout.lines().count(), 3, "{}", ran.stderr);
    ran.failed(3);
}

#[test]
fn batches_that_cannot_be_read() {
    let scratch = Scratch::new();
    for path in [scratch.path("nosuch.jsonl"), scratch.path("")] {
        let said = run(&["verify", "--batch", &path]).failed(3);
        assert!(said.contains(&path), "{said}");
    }
}

#[test]
fn the_catalogue_of_cases() {
    let list = run(&["cases", "list"]).done();
    assert!(list.contains("map-value-or-null: ") && list.contains("  article-null  "), "{list}");
    let list = run(&["cases", "list", "map-value-or-null"]).done();
    assert_eq!(list.lines().filter(|line| !line.starts_with(' ')).count(), 1, "{list}");
    let json = run(&["cases", "list", "--format", "jsonl", "article-bounds"]).done();
    let line: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(line["class"], "map-value-max");
    let shown = run(&["cases", "show", "register-never-written"]).done();
    assert!(shown.contains("expected: reject with EACCES at 0: R3 !read_ok"), "{shown}");
    for command in ["list", "run", "show"] {
        let said = run(&["cases", command, "article"]).failed(3);
        assert!(said.contains("did you mean `article-null`?"), "{said}");
    }
    let said = run(&["cases", "run", "--kernel", "2.6"]).failed(4);
    assert!(said.contains("no kernel 2.6 is at hand"), "{said}");
    let summary = run(&["cases", "run", "--engine", "userspace", "article-null"]).done();
    assert!(summary.contains("1 case in 1 class on 1 kernel, 2 programs verified in "), "{summary}");
    assert!(run(&["cases", "run", "--help"]).done().contains("6.1,6.12"), "that several can be named");
}

#[test]
fn the_articles_cases_on_this_kernel() {
    if !may_load("the_articles_cases_on_this_kernel") {
        return;
    }
    let cases = ["article-null", "article-bounds"];
    let ran = run(&[&["cases", "run"], &cases[..]].concat()).done();
    assert!(ran.contains("4 of 4 programs as expected"), "{ran}");
    let json = run(&["cases", "run", "--format", "jsonl", "--kernel", "host", cases[0]]).done();
    assert!(json.lines().all(|line| line.contains("\"passed\":true")), "{json}");
    assert!(run(&["cases", "run", "--format", "junit", cases[1]]).done().contains("failures=\"0\""));

    // Each visible line of the article beside the line obtained.
    let shown = run(&[&["cases", "show"], &cases[..]].concat()).done();
    assert!(shown.contains("11 of 11 lines of the article's log"), "{shown}");
    assert!(shown.contains("20 of 20 lines of the article's log"), "{shown}");
    assert_eq!(shown.matches("\n  article  ").count(), 31);
    assert_eq!(shown.matches("\n  obtained ").count(), 31);
    let whole = run(&["cases", "show", "--program", cases[0]]).done();
    assert!(whole.contains("\nTwin: "), "{whole}");
}

#[test]
fn without_privileges() {
    let scratch = Scratch::new();
    let object = scratch.build("knock");
    let by_kernel = ["verify", "--engine", "kernel"];
    let ran = run_unprivileged(&[&by_kernel[..], &[&object]].concat(), b"");
    assert!(ran.stdout.contains("knock: not verified: "), "{}", ran.stdout);
    ran.failed(4);
    let batch = [&by_kernel[..], &["--batch", "-"]].concat();
    let ran = run_unprivileged(&batch, batch_line("n", PASS).as_bytes());
    assert!(ran.stdout.contains("run as root"), "{}", ran.stdout);
    ran.failed(4);
    // A bad line says more of the input than of the privileges.
    let lines = batch_line("n", PASS) + "no object\n";
    run_unprivileged(&batch, lines.as_bytes()).failed(3);
    for command in ["run", "show"] {
        let said = run_unprivileged(&["cases", command, "--engine", "kernel", "article-null"], b"").failed(4);
        assert!(said.contains("run as root"), "{said}");
    }

    // What needs no kernel goes on as before.
    let ran = run_unprivileged(&["build", "knock", "-o", &scratch.path("again.o")], b"");
    assert!(ran.stderr.contains("not verified: "), "{}", ran.stderr);
    ran.done();
    let demo = run_unprivileged(&["demo"], b"").done();
    let parts = [
        " instructions in ",
        "ip_tracking_map",
        "accepted, 3186 instructions processed",
        "userspace: our own verifier",
        "> R0 invalid mem access 'map_value_or_null'",
        "> invalid access to map value, value_size=48 off=516 size=2",
        "Left out",
        "run as root",
    ];
    for part in parts {
        assert!(demo.contains(part), "{part}: {demo}");
    }
    assert!(!demo.contains('\x1b'), "no colours in a pipe");
}

#[test]
fn files_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new();
    let path = scratch.build("pass");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    for reader in READERS {
        let said = run_unprivileged(&[reader, &[&path]].concat(), b"").failed(4);
        assert!(said.contains("Permission denied"), "{said}");
    }
}

#[test]
fn completions_and_manual_pages() {
    for shell in ["bash", "zsh", "fish"] {
        assert!(run(&["completions", shell]).done().contains("disasm"));
    }
    let scratch = Scratch::new();
    run(&["man", &scratch.path("")]).done();
    let page = std::fs::read_to_string(scratch.path("knockwright-verify.1")).unwrap();
    assert!(page.contains("\\-\\-batch"), "{page}");
    run(&["man", &scratch.path("new/folder")]).done();
    assert!(std::fs::exists(scratch.path("new/folder/knockwright.1")).unwrap());
    let said = run(&["man", &scratch.path("knockwright.1/in a file")]).failed(3);
    assert!(said.contains("in a file"), "{said}");
}

#[test]
fn the_demo_tells_the_whole_story() {
    if !may_load("the_demo_tells_the_whole_story") {
        return;
    }
    let demo = run(&["demo"]).done();
    let mut rest = demo.as_str();
    for part in [
        " instructions in ",
        "config_map",
        "accepted, ",
        "article-null",
        "> 72: (71) r1 = *(u8 *)(r0 +0)",
        "> R0 invalid mem access 'map_value_or_null'",
        "processed 70 insns",
        "accepted, ",
        "article-bounds",
        "> 121: (69) r1 = *(u16 *)(r7 +0)",
        "> R7 max value is outside of the allowed memory range",
        "processed 89 insns",
        "accepted, ",
        "no program yet     open",
        "native XDP",
        "without a knock    filtered",
        "knock 1 of 3",
        "knock 3 of 3: opened",
        "after the knocks   open",
        "after the session  filtered",
        "session expired",
    ] {
        let at = rest.find(part).unwrap_or_else(|| panic!("no {part:?} in\n{rest}"));
        rest = &rest[at + part.len()..];
    }
    assert!(!demo.contains('\x1b'), "no colours in a pipe");
}

/// What is missing on a fresh machine isn't what is said of a wrong command line or a wrong file.
#[test]
fn wrong_input_counts_more_than_missing_kernels() {
    let scratch = Scratch::new();
    let (none, object) = (scratch.path("nowhere"), scratch.build("pass"));
    let fresh = |arguments: &[&str]| {
        let mut command = command(arguments);
        command.env("XDG_CACHE_HOME", &none).env("HOME", &none).env_remove("KNOCKWRIGHT_KERNELS");
        run_with(command, b"")
    };
    for (arguments, status) in [
        (&["fuzz", "verifier", "--kernel", "all"][..], 2),
        (&["fuzz", "verifier", "--kernel", "6.1,6.12"], 2),
        (&["fuzz", "verifier", "--kernel", "6.12", "--level", "3"], 2),
        (&["verify", "--batch", "nowhere.jsonl", "--kernel", "6.12"], 3),
        (&["verify", "nowhere.o", "--kernel", "6.12"], 3),
        (&["verify", &object, "--program", "nosuch", "--kernel", "6.12"], 3),
        (&["cases", "run", "nosuch", "--kernel", "6.12"], 3),
        (&["cases", "record", "nosuch", "--kernel", "6.12"], 3),
        (&["verify", &object, "--kernel", "6.12"], 4),
    ] {
        let ran = fresh(arguments);
        assert_eq!(ran.status, Some(status), "{arguments:?}: {}", ran.stderr);
    }
    assert!(fresh(&["fuzz", "verifier", "--kernel", "6.1,6.12"]).failed(2).contains("one kernel at a time"));
    let list = fresh(&["cases", "kernels", "list"]);
    assert_eq!((list.status, list.stdout.as_str()), (Some(0), ""));
    assert!(list.stderr.contains("`knockwright cases kernels fetch` gets those"), "{}", list.stderr);
}

#[test]
fn an_object_whose_code_has_no_end_is_spoken_of() {
    let scratch = Scratch::new();
    let object = scratch.path("open.o");
    let arguments = ["asm", "--format", "obj", "-o", &object];
    let ran = run_on(&arguments, b".program open xdp\nr0 = 2\n");
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    let wanted =
        "note: standard input:2:1: the code of `open` goes on after its last instruction, `r0 = 2`\n";
    assert!(ran.stderr.starts_with(wanted), "{}", ran.stderr);
    assert_eq!(run_on(&arguments, b".program shut xdp\nr0 = 2\nexit\n").stderr, "");
}

#[test]
fn one_of_something_has_no_plural() {
    let scratch = Scratch::new();
    let good = "[[door]]\nname = \"a\"\nport = 22\nsequence = [7000, 8123, 9031]\n";
    let one = scratch.file("one.toml", format!("{good}odd = 1\n"));
    let two = scratch.file("two.toml", format!("{good}odd = 1\nodder = 1\n"));
    assert!(run(&["check", &one]).failed(3).contains(": 1 error: mend it and "));
    assert!(run(&["check", &two]).failed(3).contains(": 2 errors: mend them and "));
    let folder = scratch.path("pages/of/mine");
    run(&["man", &folder]).done();
    assert!(std::fs::read_dir(folder).unwrap().count() > 10, "the folder is made");
}
