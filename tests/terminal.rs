//! Text fits the terminal, whatever its width, and a pipe gets its lines as they are.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::thread;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// What the command writes on a terminal of so many columns.
fn on_terminal(columns: u16, args: &[&str]) -> String {
    let pty = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&pty).unwrap();
    unlockpt(&pty).unwrap();
    let size = Winsize { ws_row: 50, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
    tcsetwinsize(&pty, size).unwrap();
    let name = ptsname(&pty, Vec::new()).unwrap().into_string().unwrap();
    let end = || std::fs::OpenOptions::new().read(true).write(true).open(&name).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_knockwright"))
        .args(args)
        .env("TERM", "xterm-256color")
        .stdin(Stdio::null())
        .stdout(end())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut master = std::fs::File::from(pty);
    let reader = thread::spawn(move || {
        let mut text = Vec::new();
        // A terminal that nobody has open any more gives an error.
        let _ = master.read_to_end(&mut text);
        String::from_utf8(text).unwrap().replace("\r\n", "\n")
    });
    assert!(child.wait().unwrap().code().is_some());
    reader.join().unwrap()
}

/// A text without escape sequences.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\x1b' => drop(chars.by_ref().find(char::is_ascii_alphabetic)),
            c => plain.push(c),
        }
    }
    plain
}

/// The article's second fault, as libbpf prints it.
fn log() -> tempfile::NamedTempFile {
    let recording = knockwright_verifier_cases::packed::recording("6.18").unwrap();
    let entry =
        recording.entries.iter().find(|entry| entry.case == "article-bounds" && entry.level == 2).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &entry.verdict.log).unwrap();
    file
}

#[test]
fn nothing_is_wider_than_the_terminal() {
    let log = log();
    let path = log.path().to_str().unwrap();
    let commands: [&[&str]; 6] = [
        &["explain", "--engine", "none", path],
        &["learn"],
        &["learn", "map-value-max", "--show"],
        &["cases", "list"],
        &["cases", "show", "packet-check-reversed"],
        &["learn", "packet-check-reversed", "--show"],
    ];
    for args in commands {
        let piped = Command::new(env!("CARGO_BIN_EXE_knockwright")).args(args).output().unwrap();
        let piped = String::from_utf8(piped.stdout).unwrap();
        assert!(!piped.contains('\x1b'), "{args:?}");
        for columns in [60, 80, 120, 200] {
            let text = plain(&on_terminal(columns, args));
            assert!(text.lines().count() >= 5, "{args:?}: {text}");
            for line in text.lines() {
                let wide = line.chars().count();
                // What can't be broken, such as a long name, may stand out.
                let longest = line.split([' ', ',']).map(|word| word.chars().count()).max().unwrap_or(0);
                assert!(
                    wide <= usize::from(columns) || longest * 2 > usize::from(columns),
                    "{args:?} at {columns} columns: {wide} in {line:?}"
                );
            }
        }
    }
}

#[test]
fn wide_terminals_have_wider_lines() {
    let log = log();
    let args = ["explain", "--engine", "none", log.path().to_str().unwrap()];
    let lines = [60, 200].map(|columns| plain(&on_terminal(columns, &args)).lines().count());
    assert!(lines[0] > lines[1], "{lines:?}");
}
