//! The program without the repository that it was built from: what it shows it has brought along.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::cli::{Ran, run_with};

const LOG: &str = "\
5: (85) call bpf_map_lookup_elem#1    ; R0=map_value_or_null(id=1,map=m,ks=4,vs=8)
6: (79) r0 = *(u64 *)(r0 +0)
R0 invalid mem access 'map_value_or_null'
processed 6 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
";

/// The program in a folder of its own, outside of the repository.
struct Installed(PathBuf);

impl Installed {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("knockwright-installed-{}", std::process::id()));
        assert!(!folder.starts_with(env!("CARGO_MANIFEST_DIR")), "{} is in the repository", folder.display());
        std::fs::create_dir_all(folder.join("empty")).unwrap();
        // By another process: whatever this one forks while it writes keeps the file busy.
        let program = env!("CARGO_BIN_EXE_knockwright");
        let copied = Command::new("install").args(["-m", "755", program]).arg(&folder).status().unwrap();
        assert!(copied.success(), "{copied}");
        Self(folder)
    }

    /// Runs it in an empty folder, with an empty home, where nothing of the repository can be seen.
    fn run(&self, arguments: &[&str], input: &str) -> Ran {
        const HIDE: &str = "mount -t tmpfs none \"$1\" && cd \"$0\" && shift && exec ../knockwright \"$@\"";
        let empty = self.0.join("empty");
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "sh", "-c", HIDE])
            .arg(&empty)
            .arg(env!("CARGO_MANIFEST_DIR"))
            .args(arguments);
        command.env("HOME", &empty).env_remove("CARGO_MANIFEST_DIR");
        for folder in ["XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"] {
            command.env_remove(folder);
        }
        run_with(command, input.as_bytes())
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_repository_is_not_needed() {
    const TEST: &str = "the_repository_is_not_needed";
    if !support::has(TEST, "unshare", "util-linux") {
        return;
    }
    let installed = Installed::new();
    let hidden = installed.run(&["--version"], "");
    if hidden.stderr.contains("not permitted") || hidden.stderr.contains("must be superuser") {
        support::skip(TEST, hidden.stderr.trim());
        return;
    }
    let own = ["--engine", "userspace"];
    for (arguments, part) in [
        (&["--version"][..], "knockwright "),
        (&["cases", "list"], "article-null"),
        (&["cases", "show", "article-null"], "R0 invalid mem access 'map_value_or_null'"),
        (&["cases", "diff", "6.12", "6.18"], "6.18"),
        (&[&["cases", "run", "article-null"], &own[..]].concat(), "all as expected"),
        (
            &[&["cases", "run", "article-null", "--logs", "--kernel", "6.18.15"], &own[..]].concat(),
            "logs as recorded",
        ),
        (&["learn"], "map-value-or-null"),
        (&["learn", "map-value-or-null", "--show"], "invalid mem access"),
        (&["build", "--list"], "knock"),
        (&["build", "knock", "-o", "knock.o"], ""),
        (&["inspect", "knock.o"], "xdp"),
        (&["disasm", "knock.o"], ".program knock"),
        (&[&["verify", "knock.o"], &own[..]].concat(), "knock: accepted"),
        (&["explain", "-"], "NULL"),
        (&["explain", "-", "--format", "html"], "<html"),
        (&["fuzz", "verifier", "--help"], "--seed"),
        (&["completions", "bash"], "disasm"),
        (&["man", "pages"], ""),
    ] {
        let printed = installed.run(arguments, LOG).done();
        assert!(printed.contains(part), "{arguments:?}: {printed}");
    }
    assert!(Path::new(&installed.0).join("empty/pages/knockwright.1").is_file());
    // What belongs to a checkout says so.
    let said = installed.run(&["cases", "record", "--kernel", "6.12"], "").failed(3);
    assert!(said.contains("recordings belong to a checkout"), "{said}");
}
