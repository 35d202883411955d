//! A user's program in the guest: started as its command line says, its output and its end passed on.

use std::ffi::OsStr;
use std::fs::create_dir_all;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::thread;

use crate::boot;
use crate::serial::{Line, Serial};

/// The file with the folder to start in, the program and its arguments, each ended by a NUL.
pub(crate) const FILE: &str = "/command";

/// Standard output and standard error as the library numbers them.
const STDOUT: i64 = 1;
const STDERR: i64 = 2;

/// What is sent at once: short, for a damaged line loses all of it.
const CHUNK: usize = 2048;

/// The port, and how many pieces of output went over it.
struct Sender<'a> {
    serial: &'a mut Serial,
    pieces: i64,
}

/// Runs the program to its end.
pub(crate) fn run(serial: &mut Serial, file: &[u8]) {
    serial.write(Line::new().text("kernel", &boot::release()));
    let child = match start(file) {
        Ok(child) => child,
        Err(error) => {
            serial.write(Line::new().text("not_started", &error.to_string()));
            return;
        }
    };
    let sender = Mutex::new(Sender { serial, pieces: 0 });
    let ended = pass_on(child, &sender);
    let Ok(Sender { serial, pieces }) = sender.into_inner() else { return };
    let mut line = Line::new();
    match ended {
        Ok(status) => match status.signal() {
            Some(signal) => line.number("signal", i64::from(signal)),
            None => line.number("exit", i64::from(status.code().unwrap_or(0))),
        },
        Err(error) => line.text("not_started", &error.to_string()),
    };
    serial.write(line.number("pieces", pieces));
}

fn start(file: &[u8]) -> std::io::Result<Child> {
    let mut words = file.strip_suffix(b"\0").unwrap_or(file).split(|byte| *byte == 0).map(OsStr::from_bytes);
    let mut next = || words.next().unwrap_or_default();
    let (folder, program) = (next(), next());
    create_dir_all(folder)?;
    let mut command = Command::new(program);
    command.args(words).current_dir(folder).env_clear();
    command.envs([("PATH", "/bin:/sbin:/usr/bin:/usr/sbin"), ("HOME", "/tmp"), ("TMPDIR", "/tmp")]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
}

/// Sends what the program writes until it ends.
fn pass_on(mut child: Child, sender: &Mutex<Sender<'_>>) -> std::io::Result<ExitStatus> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        if let Some(stdout) = stdout {
            scope.spawn(|| send(stdout, STDOUT, sender));
        }
        if let Some(stderr) = stderr {
            scope.spawn(|| send(stderr, STDERR, sender));
        }
    });
    child.wait()
}

fn send(mut pipe: impl Read, stream: i64, sender: &Mutex<Sender<'_>>) {
    let mut bytes = [0; CHUNK];
    loop {
        let count = match pipe.read(&mut bytes) {
            Ok(0) => return,
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) => return,
        };
        let Ok(mut sender) = sender.lock() else { return };
        let piece = sender.pieces;
        sender.pieces += 1;
        let mut line = Line::new();
        line.number("piece", piece).number("stream", stream).hex("bytes", &bytes[..count]);
        sender.serial.write(&mut line);
    }
}
