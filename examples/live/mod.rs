//! A loader that runs while a test looks at what it does. One file for all examples, which take it in by its path.

#![allow(dead_code)] // each takes its share

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::UdpSocket;
use std::process::{Child, ChildStdout, Command, Stdio};

use knockwright_loader::netns::NetnsPair;

/// A loader that is attached.
pub(crate) struct Live {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Live {
    /// Starts a loader, and waits for its first line: from then on its program is attached.
    pub(crate) fn start(command: impl AsRef<OsStr>, arguments: &[&str]) -> Self {
        let mut child = Command::new(command).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        out.read_line(&mut first).unwrap();
        assert!(!first.is_empty(), "the loader says nothing: {:?}", child.wait());
        Self { child, out }
    }

    /// All that it says until it ends by itself, and well.
    pub(crate) fn rest(mut self) -> String {
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        assert!(self.child.wait().unwrap().success(), "{rest}");
        rest
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        // Where a test fails, nothing stays behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A socket of the server, and one of the client that sends to it.
pub(crate) fn udp(pair: &NetnsPair) -> (UdpSocket, UdpSocket) {
    let server = pair.server.run(|| UdpSocket::bind((NetnsPair::SERVER_V4, 0)).unwrap()).unwrap();
    let client = pair.client.run(|| UdpSocket::bind((NetnsPair::CLIENT_V4, 0)).unwrap()).unwrap();
    client.connect(server.local_addr().unwrap()).unwrap();
    server.set_nonblocking(true).unwrap();
    (server, client)
}

/// Lets the server route packets with a mark nowhere.
pub(crate) fn drop_marked(pair: &NetnsPair, mark: u32) {
    let rule = format!("rule add pref 5 fwmark {mark} blackhole");
    // The server's own addresses come after it.
    for command in [rule.as_str(), "rule add pref 10 lookup local", "rule del pref 0"] {
        pair.server.ip(&command.split(' ').collect::<Vec<_>>()).unwrap();
    }
}

/// How many packets wait at a socket.
pub(crate) fn waiting(socket: &UdpSocket) -> usize {
    std::iter::from_fn(|| socket.recv(&mut [0; 16]).ok()).count()
}
