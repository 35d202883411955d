//! Programs through a kernel's verifier and ours, and how far the two agree.

use knockwright_asm::{Endian, Program, decode};
use knockwright_codegen::KernelRecords;
use knockwright_loader::raw_program::RawProgram;
use knockwright_verifier::{BtfError, MapInfo, Subject};
use knockwright_verifier_cases::engine::{Attempt, Engine, EngineError, KernelId, Load, NotVerified};
use knockwright_verifier_cases::observation::{Observation, Verdict};
use knockwright_verifier_cases::record::without_addresses;
use knockwright_verifier_cases::{Privilege, UserspaceEngine};

/// How far the two agree. Later is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    /// In every byte of the log, addresses of maps aside.
    Whole,
    /// In verdict, error number, instruction, message and count of instructions.
    Processed,
    /// In verdict, error number, instruction and message.
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

impl Agreement {
    /// The words that a summary has for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole log",
            Self::Processed => "all but the log",
            Self::Message => "all but the count",
            Self::Verdict => "verdict only",
            Self::Unsupported => "unsupported",
            Self::FalseReject => "false reject",
            Self::FalseAccept => "false accept",
            Self::NoOracle => "no verdict of the kernel",
        }
    }

    /// Whether it shows a mistake of the user-space verifier.
    pub const fn is_mismatch(self) -> bool {
        matches!(
            self,
            Self::Processed | Self::Message | Self::Verdict | Self::FalseReject | Self::FalseAccept
        )
    }
}

/// A program, its log level and who loads it.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The program.
    pub program: RawProgram,
    /// The log level: 1 or 2.
    pub level: u32,
    /// Who loads it.
    pub privilege: Privilege,
}

impl Question {
    /// The question as engines take it. Logs that aren't wanted are left out by `level`.
    pub fn load(&self, level: u32) -> Load {
        let program = &self.program;
        // Every slot is an instruction or stays as it is, so that nothing can be wrong with whole slots.
        let whole = program.insns.len() / 8 * 8;
        let code = decode(&program.insns[..whole], Endian::NATIVE).unwrap_or_default();
        let items =
            code.into_iter().map(|code| knockwright_asm::Item { code, place: None, source: None }).collect();
        Load {
            name: program.name.clone(),
            program: Program {
                name: program.name.clone(),
                prog_type: program.prog_type,
                license: program.license.clone(),
                items,
                maps: program.maps.clone(),
                functions: Vec::new(),
                externs: Vec::new(),
            },
            btf: program.btf.clone().map(|btf| KernelRecords {
                btf: btf.btf,
                func_info: btf.func_info,
                line_info: btf.line_info,
            }),
            flags: program.flags,
            privilege: self.privilege,
            levels: vec![level],
        }
    }
}

/// What both said of a program.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// How far they agree.
    pub agreement: Agreement,
    /// The kernel's answer, addresses of maps replaced.
    pub theirs: Attempt,
    /// The user-space verifier's answer, addresses of maps replaced.
    pub own: Attempt,
}

/// Logs longer than this aren't compared: the kernel would write them several times until the buffer fits.
const LONGEST_LOG: usize = 2 << 20;

/// Asks both. The kernel isn't asked about programs of which ours walks more than `longest` instructions: an emulated one
/// would need minutes.
///
/// # Errors
/// What keeps the kernel from answering at all.
pub fn compare(
    kernel: &mut dyn Engine,
    own: &mut UserspaceEngine,
    questions: &[Question],
    longest: u64,
) -> Result<(KernelId, Vec<Comparison>), EngineError> {
    let mut loads = Vec::with_capacity(questions.len());
    let mut ours = Vec::with_capacity(questions.len());
    let mut asked = Vec::with_capacity(questions.len());
    for question in questions {
        let mut load = question.load(question.level);
        let mut answer = own_answer(own, question);
        if let Ok(seen) = &mut answer
            && seen.log.len() > LONGEST_LOG
        {
            load.levels = vec![0];
            seen.log.clear();
            seen.log_level = 0;
        }
        let walked = answer.as_ref().ok().and_then(|seen| seen.processed).unwrap_or(0);
        if walked <= longest {
            asked.push(ours.len());
            loads.push(load);
        }
        ours.push(answer);
    }
    let (id, answers) = kernel.verify(&loads)?;
    let left_out = || Err(NotVerified::Failed("too long for an emulated kernel".to_owned()));
    let mut theirs: Vec<Attempt> = ours.iter().map(|_| left_out()).collect();
    for (at, answer) in asked.into_iter().zip(answers) {
        theirs[at] = answer.attempt;
    }
    let comparisons = theirs.into_iter().zip(ours).map(|(mut theirs, own)| {
        if let Ok(seen) = &mut theirs {
            seen.log = without_addresses(&seen.log);
        }
        Comparison { agreement: judge(&theirs, &own), theirs, own }
    });
    Ok((id, comparisons.collect()))
}

/// The user-space verifier's answer to one question, addresses of maps replaced.
pub fn own_answer(own: &mut UserspaceEngine, question: &Question) -> Attempt {
    let answers =
        own.verify(&[question.load(question.level)]).map(|(_, answers)| answers).unwrap_or_default();
    let answer = answers.into_iter().next().map(|answer| answer.attempt);
    let mut answer = answer.unwrap_or_else(|| Err(NotVerified::Failed("no answer".to_owned())));
    if let Ok(seen) = &mut answer {
        seen.log = without_addresses(&seen.log);
    }
    answer
}

/// How far two answers agree; addresses in their logs must be replaced.
pub fn judge(theirs: &Attempt, own: &Attempt) -> Agreement {
    let theirs = match theirs {
        Ok(seen) => seen,
        Err(_) => return Agreement::NoOracle,
    };
    let own = match own {
        Ok(seen) => seen,
        Err(_) => return Agreement::Unsupported,
    };
    match (theirs.verdict, own.verdict) {
        (Verdict::Reject, Verdict::Accept) => return Agreement::FalseAccept,
        (Verdict::Accept, Verdict::Reject) => return Agreement::FalseReject,
        _ => {}
    }
    if theirs.errno != own.errno {
        return Agreement::Verdict;
    }
    // Without a log there is nothing else to compare.
    if own.log_level == 0 || theirs.log_level < own.log_level {
        return Agreement::Whole;
    }
    let message = |seen: &Observation| (seen.insn, seen.message.clone());
    if message(theirs) != message(own) {
        Agreement::Verdict
    } else if theirs.processed != own.processed {
        Agreement::Message
    } else if theirs.log != own.log {
        Agreement::Processed
    } else {
        Agreement::Whole
    }
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
