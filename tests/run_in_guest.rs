//! `run-in-guest`: a user's program in kernels in QEMU, with its arguments, files, output and status.

mod support;

use std::process::Command;

use knockwright_asm::KernelVersion;
use knockwright_kernels::{self as kernels, qemu};
use serde_json::Value;
use support::cli::{Scratch, run};
use support::skip;

/// Shows its arguments, and the file that the last of them names.
const PROGRAM: &str = r#"
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

int main(int count, char **arguments)
{
	struct utsname kernel;
	char line[80];
	FILE *file = fopen(strchr(arguments[count - 1], '=') ? strchr(arguments[count - 1], '=') + 1 : arguments[count - 1], "r");
	uname(&kernel);
	printf("%s pid %s\n", kernel.release, getpid() == 1 ? "1" : "another");
	for (int i = 1; i < count; i++)
		printf("[%s]", arguments[i]);
	if (!file || !fgets(line, sizeof(line), file))
		return 4;
	printf(" %s", line);
	fprintf(stderr, "a word of warning\n");
	fwrite("\0\xff\r\n", 4, 1, stdout);
	return access("/sys/kernel/btf/vmlinux", R_OK) ? 5 : 3;
}
"#;

/// Whether QEMU and a kernel are at hand; else says what is missing.
fn have_kernel(test: &str) -> bool {
    if qemu::find_qemu().is_none() {
        return skip(test, "there is no QEMU: install qemu-system-x86");
    }
    kernels::image(KernelVersion::new(6, 12)).map_or_else(|error| skip(test, error), |_| true)
}

/// Compiles a C program.
fn compile(scratch: &Scratch, source: &str, flags: &[&str]) -> String {
    let source = scratch.file("program.c", source);
    let program = scratch.path("program");
    let ran = Command::new("cc").args(flags).args([&source, "-o", &program]).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    program
}

#[test]
fn output_files_and_status() {
    if !have_kernel("output_files_and_status") {
        return;
    }
    let scratch = Scratch::new();
    let program = compile(&scratch, PROGRAM, &["-static"]);
    let text = scratch.file("text", "of the file\n");
    let file = format!("--text={text}");
    let ran =
        run(&["run-in-guest", "--kernel", "6.12", "--format", "jsonl", &program, "--", "-x", "y z", &file]);
    let row: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (&row["kernel"], &row["exit"], &row["signal"]),
        (&"6.12".into(), &3.into(), &Value::Null),
        "{row}"
    );
    let release = row["release"].as_str().unwrap();
    assert!(release.starts_with("6.12."), "{release}");
    let stdout = format!("{release} pid another\n[-x][y z][{file}] of the file\n\0\u{fffd}\r\n");
    assert_eq!((&row["stdout"], &row["stderr"]), (&stdout.into(), &"a word of warning\n".into()));
    assert_eq!(ran.status, Some(1), "the program's status isn't 0");

    // Of one kernel the output is the program's, byte for byte.
    let ran = run(&["run-in-guest", "--kernel", "6.12", &program, &text]);
    assert!(ran.stdout.ends_with(&format!("[{text}] of the file\n\0\u{fffd}\r\n")), "{:?}", ran.stdout);
    assert!(ran.stderr.contains("a word of warning\n"), "{}", ran.stderr);
    assert!(ran.failed(1).contains("ended with status 3"));
}

#[test]
fn what_ends_badly_is_said() {
    if !have_kernel("what_ends_badly_is_said") {
        return;
    }
    let scratch = Scratch::new();
    let on = |program: &str| run(&["run-in-guest", "--kernel", "6.12", "--timeout", "40", program]);
    let aborts = compile(&scratch, "#include <stdlib.h>\nint main(void) { abort(); }", &["-static"]);
    assert!(on(&aborts).failed(1).contains("was ended by signal 6"));
    let dynamic = compile(&scratch, "int main(void) { return 0; }", &[]);
    assert!(on(&dynamic).failed(3).contains("has to be a static binary"));
    let well = compile(&scratch, "int main(void) { return 0; }", &["-static"]);
    assert_eq!(on(&well).done(), "");
}

#[test]
fn what_can_not_be_asked() {
    let scratch = Scratch::new();
    let program = scratch.file("program", "");
    let failed =
        |status, arguments: &[&str]| run(&[&["run-in-guest", &program], arguments].concat()).failed(status);
    assert!(failed(2, &["--kernel", "host"]).contains("`host` is no guest"));
    assert!(failed(2, &[]).contains("name a kernel"));
    assert!(failed(4, &["--kernel", "2.4"]).contains("no kernel 2.4 is at hand"));
    let missing = scratch.path("missing");
    let image = ["run-in-guest", &missing, "--kernel-image", &program];
    assert!(run(&image).failed(3).contains("missing: No such file"));
}
