//! What a guest's output amounts to, good and bad.

use super::*;
use crate::case::Privilege;
use knockwright_programs::article;

fn loads() -> Vec<Load> {
    let load = |name: &str| Load {
        name: name.to_owned(),
        program: article::null(),
        btf: None,
        flags: 0,
        privilege: Privilege::Full,
        levels: vec![2],
    };
    vec![load("first"), load("second")]
}

fn line(json: &str) -> String {
    format!("@kw {:08x} {json}", crc32fast::hash(json.as_bytes()))
}

const EXIT: End = End::Exit { status: String::new(), success: true, stderr: String::new() };

fn session(lines: &[String], end: End) -> Result<(KernelId, Vec<Answer>), GuestError> {
    let loads = loads();
    let mut session = Session::new(&loads);
    for line in lines {
        session.take(line);
    }
    session.finish("test", end, Duration::from_secs(1))
}

fn good() -> Vec<String> {
    [
        r#"{"kernel":"6.12.1"}"#,
        r#"{"load":0,"level":2,"errno":0,"log_level":2,"log":"processed 1 insns (limit 1)"}"#,
        r#"{"load":1,"level":2,"error":"no such map"}"#,
        r#"{"end":2}"#,
    ]
    .map(line)
    .to_vec()
}

#[test]
fn a_whole_session_gives_all_answers() {
    let (kernel, answers) = session(&good(), EXIT).unwrap();
    assert_eq!((kernel.name.as_str(), kernel.release.as_str()), ("test", "6.12.1"));
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[1].attempt, Err(crate::engine::NotVerified::Failed("no such map".to_owned())));
}

#[test]
fn output_that_ends_early_is_no_result() {
    let crashed = session(&good()[..2], EXIT).unwrap_err();
    assert!(matches!(&crashed, GuestError::Crashed { load, .. } if load == "`second`"), "{crashed}");
    let hung = session(&good()[..2], End::TimeUp).unwrap_err();
    assert!(matches!(&hung, GuestError::Hung { load, .. } if load == "`second`"), "{hung}");
    let mut oops = good()[..1].to_vec();
    oops.push("[    1.5] Kernel panic - not syncing".to_owned());
    let text = session(&oops, EXIT).unwrap_err().to_string();
    assert!(text.contains("`first`") && text.contains("Kernel panic"), "{text}");
}

#[test]
fn a_kernel_that_says_nothing_did_not_boot() {
    assert!(matches!(session(&[], End::TimeUp), Err(GuestError::NoBoot { .. })));
    assert!(matches!(session(&[], EXIT), Err(GuestError::NoBoot { .. })));
    let end = End::Exit {
        status: "exit status: 1".to_owned(),
        success: false,
        stderr: "no such machine".to_owned(),
    };
    assert!(session(&[], end).unwrap_err().to_string().contains("no such machine"));
}

#[test]
fn damaged_and_missing_lines_are_named() {
    let mut lines = good();
    lines[1].insert(20, 'x');
    let error = session(&lines, EXIT).unwrap_err();
    assert!(matches!(error, GuestError::Damaged { lines: 1, missing: 1 }), "{error}");
    let mut lines = good();
    lines.remove(1);
    let error = session(&lines, EXIT).unwrap_err();
    assert!(matches!(error, GuestError::Damaged { lines: 0, missing: 1 }), "{error}");
}

#[test]
fn a_missing_image_is_named() {
    let mut engine = QemuEngine::new("none", "no/such/image");
    let error = engine.verify(&loads()).unwrap_err().to_string();
    assert!(error.contains("no/such/image") || error.contains("no guest program"), "{error}");
}
