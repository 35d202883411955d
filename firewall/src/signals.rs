//! The signals that end a service in order: Ctrl-C (`SIGINT`), `SIGTERM`, and `SIGHUP`, which a closing terminal sends.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::low_level::pipe;

/// A request to end, once it comes: the descriptor becomes readable and stays so.
#[derive(Debug)]
pub struct StopRequest {
    read: UnixStream,
}

impl StopRequest {
    /// Catches the signals from now on, for the whole process.
    ///
    /// # Errors
    /// If no descriptors are left.
    pub fn on_signals() -> io::Result<Self> {
        let (read, write) = UnixStream::pair()?;
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            pipe::register(signal, write.try_clone()?)?;
        }
        Ok(Self { read })
    }

    /// A request that comes from the program itself: when the sender writes to it or is dropped.
    ///
    /// # Errors
    /// If no descriptors are left.
    pub fn by_hand() -> io::Result<(UnixStream, Self)> {
        let (read, write) = UnixStream::pair()?;
        Ok((write, Self { read }))
    }
}

impl AsFd for StopRequest {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.read.as_fd()
    }
}
