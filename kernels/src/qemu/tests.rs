//! What a guest's output amounts to, good and bad.

use knockwright_linux::errno::EINVAL;
use knockwright_programs::article;

use super::*;

fn attempts() -> Vec<Attempt> {
    let attempt = |name: &str| {
        let mut attempt = Attempt::new(article::null());
        attempt.program.name = name.to_owned();
        attempt
    };
    vec![attempt("first"), attempt("second")]
}

fn line(json: &str) -> String {
    format!("@kw {:08x} {json}", crc32fast::hash(json.as_bytes()))
}

const EXIT: End = End::Exit { status: String::new(), success: true, stderr: String::new() };

fn session(lines: &[String], end: End) -> Result<(KernelId, Vec<Verdict>), GuestError> {
    let attempts = attempts();
    let mut session = Session::new(&attempts);
    for line in lines {
        session.take(line);
    }
    let ended = session.finish("test", end, Patience::of(Duration::from_secs(1)));
    ended.failure.map_or_else(|| Ok((ended.kernel?, ended.answered)), Err)
}

fn good() -> Vec<String> {
    [
        r#"{"kernel":"6.12.1"}"#,
        r#"{"load":0,"errno":0,"log_level":2,"log_cut":0,"log":"processed 1 insns (limit 1)"}"#,
        r#"{"load":1,"errno":0,"error":"no such map"}"#,
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
    assert_eq!(answers[1], Verdict::error(0, "no such map"));
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
fn what_came_before_a_crash_is_kept() {
    let attempts = attempts();
    let mut session = Session::new(&attempts);
    assert!(good()[..2].iter().all(|line| session.take(line)), "the guest's lines are progress");
    assert!(!session.take("watchdog: BUG: soft lockup"), "the kernel's own aren't");
    let ended = session.finish("test", End::TimeUp, Patience::of(Duration::from_secs(1)));
    assert_eq!(ended.answered.len(), 1);
    assert!(matches!(&ended.failure, Some(GuestError::Hung { load, .. }) if load == "`second`"));
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
    let error = engine.verify(&attempts()).unwrap_err().to_string();
    assert!(error.contains("no/such/image") || error.contains("no guest program"), "{error}");
}

#[test]
fn an_empty_log_is_no_word_of_the_verifier() {
    let refused = verdict(EINVAL, String::new(), 2);
    assert_eq!((refused.outcome, refused.errno, refused.said()), (Outcome::Refuse, EINVAL, ""));
    assert!(
        refused.message.contains("before verifying: EINVAL (Invalid argument); check"),
        "{}",
        refused.message
    );
    assert_eq!(verdict(E2BIG, String::new(), 2).outcome, Outcome::Reject);
    assert_eq!(verdict(EINVAL, String::new(), 0).outcome, Outcome::Reject);
}
