//! One program through both verifiers.

use knockwright_loader::kernel::{
    KernelError, KernelVerifier, LoadOptions, LogLevel, Outcome as KernelOutcome, Verdict as KernelVerdict,
};
use knockwright_loader::raw_program::RawProgram;
use knockwright_verifier::{BtfError, MapInfo, Options, Outcome, Profile, Subject, Verdict, Verifier};

/// How far the two agree. Later is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    /// In every byte of the log.
    Whole,
    /// In verdict, error number, instruction, message and count.
    Message,
    /// In verdict only.
    Verdict,
    /// The user-space verifier doesn't model the program.
    Unsupported,
    /// Not even in the verdict: it rejects what the kernel takes.
    FalseReject,
    /// Not even in the verdict: it takes what the kernel rejects.
    FalseAccept,
    /// The kernel came to no verdict.
    NoOracle,
}

/// Both verdicts.
#[derive(Debug)]
pub struct Comparison {
    /// How far they agree.
    pub agreement: Agreement,
    /// The kernel's log, addresses normalised.
    pub kernel_log: String,
    /// The user-space log, addresses normalised.
    pub own_log: String,
    /// The user-space verdict.
    pub own: Verdict,
    /// Whether the kernel accepted.
    pub kernel_accepts: bool,
}

/// The program as the user-space verifier takes it.
///
/// # Errors
/// [`BtfError`] if its BTF is damaged.
pub fn subject(program: &RawProgram) -> Result<Subject, BtfError> {
    let maps = program.maps.iter().map(MapInfo::from).collect();
    let mut subject = Subject::from_bytes(program.prog_type, &program.insns, maps);
    subject.license.clone_from(&program.license);
    subject.flags = program.flags;
    match &program.btf {
        Some(btf) => subject.with_btf(&btf.btf, &btf.func_info, &btf.line_info),
        None => Ok(subject),
    }
}

/// Replaces the addresses of maps, which differ at each load.
pub fn normalise(log: &str) -> String {
    let mut out = String::with_capacity(log.len());
    let mut rest = log;
    while let Some(at) = rest.find("= 0xff") {
        let digits = &rest[at + 4..];
        let length = digits.bytes().take_while(u8::is_ascii_hexdigit).count();
        out.push_str(&rest[..at]);
        // Only map addresses stand behind the opcode of ld_imm64.
        let line_start = rest[..at].rfind('\n').map_or(0, |newline| newline + 1);
        if length == 16 && rest[line_start..at].contains("(18) r") {
            out.push_str("= ADDRESS");
        } else {
            out.push_str(&rest[at..at + 4 + length]);
        }
        rest = &rest[at + 4 + length..];
    }
    out.push_str(rest);
    out
}

/// Runs one program through both at a log level.
pub fn compare(kernel: &mut KernelVerifier, program: &RawProgram, level: u8) -> Comparison {
    let own = own_verdict(program, level);
    let log_level = match level {
        _ if own.log.len() > LONGEST_LOG => LogLevel::None,
        1 => LogLevel::FailingPath,
        _ => LogLevel::EveryPath,
    };
    let theirs = kernel.verify(program, &LoadOptions { log_level, ..LoadOptions::default() });
    if log_level == LogLevel::None {
        return compare_long(theirs, own);
    }
    let own_log = normalise(&own.log);
    let (agreement, kernel_log, kernel_accepts) = match theirs {
        Err(error) => (Agreement::NoOracle, no_oracle(&error), false),
        Ok(theirs) => {
            let log = normalise(&theirs.log);
            (judge(&theirs, &own, &log, &own_log), log, theirs.outcome == KernelOutcome::Accept)
        }
    };
    Comparison { agreement, kernel_log, own_log, own, kernel_accepts }
}

/// Logs longer than this aren't compared: the kernel would write them several times until the buffer fits.
const LONGEST_LOG: usize = 2 << 20;

/// Compares all but the logs.
fn compare_long(theirs: Result<KernelVerdict, KernelError>, own: Verdict) -> Comparison {
    let (agreement, kernel_accepts) = match theirs {
        Err(_) => (Agreement::NoOracle, false),
        Ok(theirs) => {
            let accepts = theirs.outcome == KernelOutcome::Accept;
            let same = theirs.errno.map_or(0, |errno| errno.0) == own.errno;
            let agreement = match own.outcome {
                Outcome::Unsupported => Agreement::Unsupported,
                Outcome::Accept if !accepts => Agreement::FalseAccept,
                Outcome::Reject if accepts => Agreement::FalseReject,
                _ if same => Agreement::Whole,
                _ => Agreement::Verdict,
            };
            (agreement, accepts)
        }
    };
    Comparison { agreement, kernel_log: String::new(), own_log: String::new(), own, kernel_accepts }
}

fn own_verdict(program: &RawProgram, level: u8) -> Verdict {
    let options = Options { log_level: level, ..Options::default() };
    match subject(program) {
        Ok(subject) => Verifier::new(Profile::V6_18, options).verify(&subject),
        Err(BtfError) => Verdict {
            outcome: Outcome::Unsupported,
            errno: 0,
            insn: None,
            message: "BTF".to_owned(),
            processed: 0,
            log: String::new(),
            log_cut: false,
        },
    }
}

fn no_oracle(error: &KernelError) -> String {
    format!("the kernel came to no verdict: {error}")
}

fn judge(theirs: &KernelVerdict, own: &Verdict, their_log: &str, own_log: &str) -> Agreement {
    let accepts = theirs.outcome == KernelOutcome::Accept;
    match own.outcome {
        Outcome::Unsupported => return Agreement::Unsupported,
        Outcome::Accept if !accepts => return Agreement::FalseAccept,
        Outcome::Reject if accepts => return Agreement::FalseReject,
        _ => {}
    }
    let same_errno = theirs.errno.map_or(0, |errno| errno.0) == own.errno;
    if same_errno && their_log == own_log {
        return Agreement::Whole;
    }
    let same = same_errno
        && theirs.insn == own.insn
        && theirs.message == own.message
        && theirs.processed == Some(own.processed);
    if same { Agreement::Message } else { Agreement::Verdict }
}
