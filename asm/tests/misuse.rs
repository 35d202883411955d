//! Misuses of the typed layer do not compile, and the compiler says why in words of the program.
//!
//! The texts are those of one compiler, so with another one the test is skipped, and name the repository's places, so that the
//! package doesn't have them. `.ci/regenerate pages` writes them anew.

use std::io::Write as _;

/// The compiler whose texts are kept.
const COMPILER: &str = "rustc 1.95.";

#[test]
fn misuses_do_not_compile() {
    let version = std::process::Command::new("rustc").arg("--version").output().map(|output| output.stdout);
    let version = String::from_utf8(version.unwrap_or_default()).unwrap_or_default();
    if !version.starts_with(COMPILER) {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "CI has {COMPILER}, and this is {version}");
        let _ = writeln!(
            std::io::stderr(),
            "test misuses_do_not_compile ... skipped: {version} is not {COMPILER}"
        );
        return;
    }
    let cases = trybuild::TestCases::new();
    cases.pass("tests/misuse/00_pass.rs");
    cases.compile_fail("tests/misuse/[0-9][1-9]*.rs");
    cases.compile_fail("tests/misuse/[1-9]0*.rs");
}
