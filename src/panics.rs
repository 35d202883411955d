//! Panics: mistakes of knockwright's own. They have a message that says what to do and an exit status of their own, whichever
//! thread they happen in.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::Write as _;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::Status;

/// Whether any thread has panicked.
static HAPPENED: AtomicBool = AtomicBool::new(false);

/// Runs the command and gives its status: [`Status::Internal`] if a thread panicked, whatever else came of it.
pub(crate) fn caught(command: impl FnOnce() -> Status) -> Status {
    panic::set_hook(Box::new(tell));
    let ended = panic::catch_unwind(AssertUnwindSafe(command));
    match ended {
        Ok(status) if !HAPPENED.load(Ordering::SeqCst) => status,
        _ => Status::Internal,
    }
}

/// Says on standard error what happened and what to do. If that is closed the status has to do.
fn tell(info: &PanicHookInfo<'_>) {
    HAPPENED.store(true, Ordering::SeqCst);
    let place = info.location().map_or_else(String::new, |place| format!(" at {place}"));
    let message = info.payload_as_str().unwrap_or("no message");
    let mut stderr = anstream::stderr();
    let _ = writeln!(
        stderr,
        "{}error:{:#} knockwright panicked{place}: {message}\n\
         This is a mistake in knockwright, not in your input, and what it printed can't be relied on. Keep the command line, \
         the input and this message, and report them with the output of `knockwright --version` where you got knockwright \
         from. RUST_BACKTRACE=1 adds where it happened.",
        crate::style::ERROR,
        crate::style::ERROR
    );
    let backtrace = Backtrace::capture();
    if backtrace.status() == BacktraceStatus::Captured {
        let _ = writeln!(stderr, "{backtrace}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The name of the variable that makes the tests below play the command.
    const PLAY: &str = "KNOCKWRIGHT_TEST_PANIC";

    /// A process of its own plays a command that panics: a hook is for the whole process.
    fn played(how: &str) -> (Option<i32>, String) {
        let this = std::env::current_exe().expect("the test knows itself");
        let mut command = std::process::Command::new(this);
        command.args(["--exact", "--ignored", "panics::tests::play", "--nocapture"]).env(PLAY, how);
        let output = command.output().expect("it starts");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    #[test]
    #[ignore = "plays a command for the next test"]
    fn play() {
        let how = std::env::var(PLAY).expect("how to end");
        let status = caught(|| match how.as_str() {
            "here" => panic!("in the command"),
            "thread" => {
                let lost = std::thread::spawn(|| panic!("in a thread"));
                let _ = lost.join(); // nobody cares
                Status::Done
            }
            _ => Status::Rejected,
        });
        std::process::exit(status as i32);
    }

    #[test]
    fn panics_have_a_status_and_a_message_whichever_thread_they_are_in() {
        for (how, message) in [("here", "in the command"), ("thread", "in a thread")] {
            let (status, stderr) = played(how);
            assert_eq!(status, Some(Status::Internal as i32), "{how}: {stderr}");
            for part in ["error: knockwright panicked at ", "src/panics.rs:", message, "report them"] {
                assert!(stderr.contains(part), "{how}: {stderr}");
            }
        }
        assert_eq!(played("not").0, Some(Status::Rejected as i32));
    }
}
