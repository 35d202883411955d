//! What the tests of the whole share: frames, the reference model, and the way to skip a test with its reason.

#![allow(dead_code)] // each test file uses its part

pub(crate) mod cli;
pub(crate) mod frame;
pub(crate) mod guests;
pub(crate) mod model;
pub(crate) mod packet_socket;
pub(crate) mod scene;
pub(crate) mod skip;
pub(crate) mod static_build;

use knockwright_loader::privilege;

pub(crate) use skip::skip;

/// Whether the kernel may be asked; else says why the test is skipped. In CI a skip is a failure.
pub(crate) fn may_load(test: &str) -> bool {
    match privilege::can_load() {
        Ok(()) => true,
        Err(reason) => skip(test, reason),
    }
}

/// The option by which clang finds the C library's headers of this machine, where Debian keeps them.
pub(crate) fn headers() -> String {
    format!("-I/usr/include/{}-linux-gnu", std::env::consts::ARCH)
}

/// Whether a command is installed; else says why the test is skipped. Its package stands in the message.
pub(crate) fn has(test: &str, command: &str, package: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let sbin = ["/usr/sbin", "/sbin"].map(std::path::PathBuf::from);
    let installed = std::env::split_paths(&path).chain(sbin).any(|folder| folder.join(command).is_file());
    installed || skip(test, format_args!("no command `{command}`: install {package}"))
}
