//! A network, a BPF file system and the command to try in them. All of it is gone when the test ends.

pub(crate) mod tun;

use std::io::{BufRead, BufReader, Read, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use knockwright_firewall::client::{Answer, probe};
use knockwright_loader::interface::{AttachedXdp, Interface};
use knockwright_loader::netns::{Netns, NetnsError, NetnsPair};
use knockwright_loader::{pin, privilege};
use rustix::mount::{MountPropagationFlags, mount_change};
use rustix::process::{Pid, Signal, kill_process};
use rustix::thread::{UnshareFlags, unshare_unsafe};

pub(crate) use crate::support::skip::skip_this as skip;

const COMMAND: &str = env!("CARGO_BIN_EXE_knockwright");
const PATIENCE: Duration = Duration::from_secs(15);

/// The guarded port.
pub(crate) const PORT: u16 = 4444;
/// The knocks, which no output may hold.
pub(crate) const SECRETS: [&str; 3] = ["7123", "8789", "9456"];
pub(crate) const CONFIG: &str = "interface = \"server0\"
[[door]]
name = \"test\"
port = 4444
sequence = [7123, 8789, 9456]

";

/// Whether the kernel lets tests load programs; else says why not.
fn may_load() -> bool {
    privilege::can_load().map_or_else(skip, |()| true)
}

/// A configuration with one more line, in a file of its own.
pub(crate) fn config_file(name: &str, line: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("knockwright-{name}-{}.toml", std::process::id()));
    std::fs::write(&path, format!("{CONFIG}{line}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path
}

/// What a command printed, and its exit status.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    fn of(output: std::process::Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        let output =
            Self { status: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) };
        no_secret(&output.stdout);
        no_secret(&output.stderr);
        output
    }

    /// Checks the exit status, and that a text is among what was printed.
    #[track_caller]
    pub(crate) fn has(&self, status: i32, text: &str) {
        assert_eq!(self.status, Some(status), "{self:#?}");
        assert!(self.stdout.contains(text) || self.stderr.contains(text), "no `{text}` in {self:#?}");
    }
}

#[track_caller]
fn no_secret(text: &str) {
    let mut before = "";
    for number in text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        // The kernel's numbers of programs and the system's of processes may be any, and follow these words.
        let is_an_id = ["program", "id", "process"].contains(&before);
        assert!(is_an_id || !SECRETS.contains(&number), "the sequence is printed: {text}");
        before = number;
    }
}

/// Runs the command outside of any lab.
pub(crate) fn knockwright(arguments: &[&str]) -> Output {
    Output::of(Command::new(COMMAND).args(arguments).output().unwrap())
}

pub(crate) fn knockwright_with_input(arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(COMMAND);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    Output::of(child.wait_with_output().unwrap())
}

/// Two network namespaces with a cable, a service on [`PORT`] of one, and a BPF file system.
pub(crate) struct Lab {
    pub(crate) pair: NetnsPair,
    pub(crate) folder: PathBuf,
    _listener: TcpListener,
}

impl Lab {
    /// Runs a test in a lab, if the kernel permits.
    pub(crate) fn run(test: impl FnOnce(&Self) + Send) {
        if !may_load() {
            return;
        }
        // A thread with mounts of its own; the processes that it starts have the same.
        std::thread::scope(|scope| {
            let test_name = std::thread::current().name().unwrap_or("test").to_owned();
            let inside = std::thread::Builder::new().name(test_name).spawn_scoped(scope, || {
                // SAFETY: mounts and the working directory of this thread alone; no memory or descriptor table is unshared.
                unsafe { unshare_unsafe(UnshareFlags::NEWNS | UnshareFlags::FS) }.unwrap();
                mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC).unwrap();
                pin::mount_bpf_file_system(Path::new(pin::BPF_FILE_SYSTEM)).unwrap();
                let lab = Self::new();
                test(&lab);
            });
            if let Err(panic) = inside.unwrap().join() {
                std::panic::resume_unwind(panic);
            }
        });
    }

    fn new() -> Self {
        let pair = NetnsPair::new().unwrap();
        let listener = pair.server.run(|| {
            let any = if pair.has_ipv6() { "::" } else { "0.0.0.0" };
            TcpListener::bind((any, PORT))
        });
        let listener = listener.unwrap().unwrap();
        let unique = format!("knockwright-lab-{}-{:?}", std::process::id(), std::thread::current().id());
        let folder = std::env::temp_dir().join(unique);
        std::fs::create_dir(&folder).unwrap();
        Self { pair, folder, _listener: listener }
    }

    /// A configuration with one more line.
    pub(crate) fn config(&self, line: &str) -> String {
        self.config_text(&format!("{CONFIG}{line}\n"))
    }

    /// A whole configuration.
    pub(crate) fn config_text(&self, text: &str) -> String {
        let path = self.folder.join("config.toml");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Runs the command to its end on the server.
    pub(crate) fn server(&self, arguments: &[&str]) -> Output {
        Self::run_in(&self.pair.server, Command::new(COMMAND).args(arguments))
    }

    /// Runs the command to its end on the client.
    pub(crate) fn client(&self, arguments: &[&str]) -> Output {
        Self::run_in(&self.pair.client, Command::new(COMMAND).args(arguments))
    }

    /// Runs another program to its end on the client; `None` if it isn't installed, which CI doesn't allow.
    pub(crate) fn foreign_client(&self, program: &str, arguments: &[&str]) -> Option<std::process::Output> {
        let mut command = Command::new(program);
        match self.pair.client.run(|| command.args(arguments).output()).unwrap() {
            Ok(output) => Some(output),
            Err(error) => {
                skip(format_args!("{program}: {error}"));
                None
            }
        }
    }

    /// Runs the command on the server as root without capabilities.
    pub(crate) fn powerless(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("setpriv");
        command.args(["--bounding-set=-all", "--inh-caps=-all", COMMAND]).args(arguments);
        Self::run_in(&self.pair.server, &mut command)
    }

    /// Runs the command on the server as a user without rights: a copy of it, where all may go.
    pub(crate) fn nobody(&self, arguments: &[&str]) -> Output {
        let copy = self.folder.join("knockwright");
        if !copy.exists() {
            // By another process: whatever this one forks while it writes keeps the file busy.
            let copied = Command::new("install").args(["-m", "755", COMMAND]).arg(&copy).status().unwrap();
            assert!(copied.success(), "{copied}");
            std::fs::set_permissions(&self.folder, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(copy).args(arguments);
        Self::run_in(&self.pair.server, &mut command)
    }

    fn run_in(netns: &Netns, command: &mut Command) -> Output {
        command.stdin(Stdio::null());
        Output::of(netns.run(|| command.output()).unwrap().unwrap())
    }

    /// Starts the command on the server.
    pub(crate) fn service(&self, arguments: &[&str]) -> Running {
        self.spawn_in(&self.pair.server, arguments)
    }

    /// Starts `run` with a configuration and waits until it guards.
    pub(crate) fn guard(&self, config: &str) -> Running {
        let mut service = self.service(&["run", "--config", config]);
        service.wait_for("Ctrl-C detaches");
        service
    }

    /// Runs `ip` on the server's side with arguments in one text.
    pub(crate) fn server_ip(&self, arguments: &str) -> Result<String, NetnsError> {
        self.pair.server.ip(&arguments.split(' ').collect::<Vec<_>>())
    }

    /// Starts the command on the server, with nobody who reads its standard output.
    pub(crate) fn unread_service(&self, arguments: &[&str]) -> Running {
        let mut command = Command::new(COMMAND);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.pair.server.run(|| command.spawn()).unwrap().unwrap();
        drop(child.stdout.take());
        Running::new(child)
    }

    pub(crate) fn spawn_in(&self, netns: &Netns, arguments: &[&str]) -> Running {
        let mut command = Command::new(COMMAND);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Running::new(netns.run(|| command.spawn()).unwrap().unwrap())
    }

    /// What the port answers to the client.
    pub(crate) fn answer(&self) -> Answer {
        let to = SocketAddr::new(NetnsPair::SERVER_V4, PORT);
        self.pair.client.run(|| probe(to, Duration::from_millis(400))).unwrap().unwrap()
    }

    /// What the port answers to the client by IPv6.
    pub(crate) fn answer_v6(&self) -> Answer {
        let to = SocketAddr::new(NetnsPair::SERVER_V6, PORT);
        self.pair.client.run(|| probe(to, Duration::from_millis(400))).unwrap().unwrap()
    }

    /// The XDP programs on the server's interface.
    pub(crate) fn attached(&self) -> Vec<AttachedXdp> {
        self.pair.server.run(|| Interface::named(NetnsPair::SERVER_INTERFACE)).unwrap().unwrap().xdp
    }

    #[track_caller]
    pub(crate) fn nothing_is_left(&self) {
        assert_eq!(self.attached(), []);
        let link = self.pair.server.ip(&["link", "show", "server0"]).unwrap();
        assert!(!link.contains("xdp"), "{link}");
        self.nothing_is_pinned();
    }

    #[track_caller]
    pub(crate) fn nothing_is_pinned(&self) {
        let root = Path::new("/sys/fs/bpf/knockwright");
        let left: Vec<_> =
            std::fs::read_dir(root).map(|entries| entries.flatten().collect()).unwrap_or_default();
        assert!(left.is_empty(), "{left:?}");
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder); // only a temporary folder
    }
}

/// A command that runs. It's killed when the test is done with it.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Running {
    fn new(mut child: Child) -> Self {
        let (sender, lines) = channel();
        if let Some(stdout) = child.stdout.take() {
            forward(stdout, sender.clone());
        }
        if let Some(stderr) = child.stderr.take() {
            forward(stderr, sender);
        }
        Self { child, lines, seen: Vec::new() }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a line with a text, and returns the line.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    no_secret(&line);
                    self.seen.push(line.clone());
                    if line.contains(text) {
                        return line;
                    }
                }
                Err(why) => panic!("no line with `{text}` ({why}) after {:#?}", self.seen),
            }
        }
    }

    /// Waits for a line with a text unless one has come already: the two streams come in any order.
    #[track_caller]
    pub(crate) fn has_said(&mut self, text: &str) {
        if !self.seen.iter().any(|line| line.contains(text)) {
            self.wait_for(text);
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for the end; the exit status, none after a signal.
    #[track_caller]
    pub(crate) fn wait(&mut self) -> Option<i32> {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < end, "still running after {:#?}", self.seen);
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for a line with a text, and for the end with that status.
    #[track_caller]
    pub(crate) fn ends_with(&mut self, status: i32, text: &str) {
        self.wait_for(text);
        assert_eq!(self.wait(), Some(status), "{:#?}", self.seen);
        for line in self.lines.iter() {
            no_secret(&line);
            self.seen.push(line);
        }
    }

    /// The lines that were waited for or passed over, and after the end all others.
    pub(crate) fn seen(&self) -> &[String] {
        &self.seen
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended
        let _ = self.child.wait();
    }
}

fn forward(from: impl Read + Send + 'static, to: Sender<String>) {
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if to.send(line).is_err() {
                break;
            }
        }
    });
}
