//! The command itself, as a user starts it.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use knockwright_loader::privilege;

const KNOCKWRIGHT: &str = env!("CARGO_BIN_EXE_knockwright");

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit status; `None` if a signal ended it.
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    fn new(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Self { status: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    /// What it printed, if it ended well.
    #[track_caller]
    pub(crate) fn done(self) -> String {
        assert_eq!(self.status, Some(0), "{}{}", self.stdout, self.stderr);
        self.stdout
    }

    /// What it said, if it ended with this status and without a panic.
    #[track_caller]
    pub(crate) fn failed(self, status: i32) -> String {
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        assert_eq!(self.status, Some(status), "{}{}", self.stdout, self.stderr);
        self.stderr
    }
}

/// The command with arguments, not started yet.
pub(crate) fn command(arguments: &[impl AsRef<OsStr>]) -> Command {
    let mut command = Command::new(KNOCKWRIGHT);
    command.args(arguments);
    command
}

/// Runs it without input.
pub(crate) fn run(arguments: &[impl AsRef<OsStr>]) -> Ran {
    run_with(command(arguments), b"")
}

/// Runs it with standard input.
pub(crate) fn run_on(arguments: &[impl AsRef<OsStr>], input: &[u8]) -> Ran {
    run_with(command(arguments), input)
}

/// Runs it without capabilities, as the same user.
pub(crate) fn run_unprivileged(arguments: &[impl AsRef<OsStr>], input: &[u8]) -> Ran {
    if privilege::can_load().is_err() {
        return run_on(arguments, input);
    }
    let mut command = Command::new("setpriv");
    command.args(["--inh-caps=-all", "--bounding-set=-all", KNOCKWRIGHT]).args(arguments);
    run_with(command, input)
}

/// Starts a command, gives it its input and waits for its end.
pub(crate) fn run_with(mut command: Command, input: &[u8]) -> Ran {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut stdin = child.stdin.take().expect("it's piped");
    let output = std::thread::scope(|scope| {
        scope.spawn(move || {
            let _ = stdin.write_all(input); // a command that fails early doesn't read it
        });
        child.wait_with_output()
    });
    Ran::new(output.unwrap())
}

/// A folder for a test's files, removed with the value.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{number}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// The path of a file in it, which need not be there.
    pub(crate) fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("a path in UTF-8").to_owned()
    }

    /// Writes a file and returns its path.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Writes the object of a program of the catalogue and returns its path.
    pub(crate) fn build(&self, program: &str) -> String {
        let path = self.path(&format!("{program}.o"));
        run(&["build", program, "-o", &path]).done();
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
