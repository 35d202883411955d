//! The signals of a service: Ctrl-C (`SIGINT`) and `SIGTERM` end it in order; `SIGHUP`, which a closing terminal sends too, asks
//! it to read its configuration again.

use std::io::{self, Read as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::low_level::pipe;

/// What a service is asked from outside.
#[derive(Debug)]
pub struct Requests {
    stop: UnixStream,
    reload: UnixStream,
}

/// The other end of [`Requests`] for a program that asks itself.
#[derive(Debug)]
pub struct Asking {
    /// Ends the service when it's written to or dropped.
    pub stop: UnixStream,
    /// Asks for the configuration to be read again when it's written to.
    pub reload: UnixStream,
}

/// Hang-ups (`SIGHUP`) from the moment when this is made, for the whole process: they end it no longer, and wait for the service
/// that is going to start.
#[derive(Debug)]
pub struct HangUps {
    caught: UnixStream,
}

impl HangUps {
    /// Catches them from now on.
    ///
    /// # Errors
    /// If no descriptors are left.
    pub fn catch() -> io::Result<Self> {
        let (caught, ask) = UnixStream::pair()?;
        caught.set_nonblocking(true)?;
        pipe::register(SIGHUP, ask)?;
        Ok(Self { caught })
    }
}

impl Requests {
    /// Catches the signals that end a service from now on, for the whole process; those that ask it to reload are caught already.
    ///
    /// # Errors
    /// If no descriptors are left.
    pub fn on_signals(hang_ups: HangUps) -> io::Result<Self> {
        let (stop, ask) = UnixStream::pair()?;
        for signal in [SIGINT, SIGTERM] {
            pipe::register(signal, ask.try_clone()?)?;
        }
        Ok(Self { stop, reload: hang_ups.caught })
    }

    /// Requests that come from the program itself.
    ///
    /// # Errors
    /// If no descriptors are left.
    pub fn by_hand() -> io::Result<(Asking, Self)> {
        let (stop, ask_stop) = UnixStream::pair()?;
        let (reload, ask_reload) = UnixStream::pair()?;
        reload.set_nonblocking(true)?;
        Ok((Asking { stop: ask_stop, reload: ask_reload }, Self { stop, reload }))
    }

    /// Becomes readable with the request to end, and stays so.
    pub(crate) fn stop(&self) -> BorrowedFd<'_> {
        self.stop.as_fd()
    }

    /// Becomes readable with the request to read the configuration again.
    pub(crate) fn reload(&self) -> BorrowedFd<'_> {
        self.reload.as_fd()
    }

    /// Takes all requests to read the configuration again; whether there was one.
    pub(crate) fn take_reload(&self) -> bool {
        let mut any = false;
        while matches!((&self.reload).read(&mut [0; 64]), Ok(count) if count > 0) {
            any = true;
        }
        any
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn requests_to_reload_are_taken_together() {
        let (asking, requests) = Requests::by_hand().unwrap();
        assert!(!requests.take_reload());
        (&asking.reload).write_all(&[1; 100]).unwrap();
        assert!(requests.take_reload());
        assert!(!requests.take_reload());
        drop(asking);
        assert!(!requests.take_reload(), "nobody is left to ask");
    }
}
