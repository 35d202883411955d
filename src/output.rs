//! Standard output and standard error of commands that go on to their verdict whether or not anybody reads on.

use std::fmt;
use std::io::{self, Write};

use crate::wrap::Wrap;

/// A writer whose reader may go away: what is written from then on is dropped, and the command keeps its exit status.
#[derive(Debug)]
pub(crate) struct Output<W> {
    /// None after the reader has gone.
    to: Option<W>,
}

impl<W: Write> Output<W> {
    pub(crate) fn new(to: W) -> Self {
        Self { to: Some(to) }
    }

    /// The result of `write`, or `dropped` if there is no reader any more.
    fn unless_gone<T>(&mut self, dropped: T, write: impl FnOnce(&mut W) -> io::Result<T>) -> io::Result<T> {
        let Some(to) = &mut self.to else { return Ok(dropped) };
        match write(to) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.to = None;
                Ok(dropped)
            }
            result => result,
        }
    }
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unless_gone(bytes.len(), |to| to.write(bytes))
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.unless_gone((), |to| to.write_all(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_gone((), Write::flush)
    }
}

/// Lines are broken for no terminal narrower than this.
const NARROWEST: usize = 40;

/// Standard output for text: with colours, and with lines that fit, which only terminals get.
pub(crate) fn stdout() -> Output<Wrap<anstream::AutoStream<io::StdoutLock<'static>>>> {
    Output::new(Wrap::new(anstream::stdout().lock(), columns().map(|columns| columns.max(NARROWEST))))
}

/// Standard output for bytes that go out as they are.
pub(crate) fn plain_stdout() -> Output<io::StdoutLock<'static>> {
    Output::new(io::stdout().lock())
}

/// The columns of the terminal that standard output is; none if it's no terminal, or one that doesn't say.
pub(crate) fn columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// What erases the rest of a terminal's line.
pub(crate) const ERASE_REST: &str = "\x1b[K";

/// Says something on standard error, with a line's end. If that is closed or full there's nobody to tell.
pub(crate) fn say(text: impl fmt::Display) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// The same without a line's end: progress, which the next overwrites.
pub(crate) fn say_in_passing(text: impl fmt::Display) {
    let mut stderr = anstream::stderr();
    let _ = write!(stderr, "{text}{ERASE_REST}\r");
    let _ = stderr.flush();
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes some bytes, then has no reader.
    struct Leaving(usize, io::ErrorKind);

    impl Write for Leaving {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0 == 0 {
                return Err(self.1.into());
            }
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            if self.0 == 0 { Err(self.1.into()) } else { Ok(()) }
        }
    }

    #[test]
    fn a_reader_that_goes_away_is_no_error_and_a_full_disk_is() {
        let mut out = Output::new(Leaving(3, io::ErrorKind::BrokenPipe));
        for _ in 0..3 {
            out.write_all(b"12").unwrap();
            assert!(out.write(b"1234").unwrap() > 0);
            out.flush().unwrap();
        }
        let mut out = Output::new(Leaving(3, io::ErrorKind::StorageFull));
        out.write_all(b"12").unwrap();
        assert!(out.write_all(b"34").is_err());
        assert!(out.flush().is_err());
    }
}
