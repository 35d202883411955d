//! The verifier from outside: a program in, a verdict out.

use knockwright_asm::helper::Caller;
use knockwright_asm::linux::ProgTypes;
use knockwright_asm::{KernelVersion, ProgType};

use crate::attempt::{Attempt, Privilege};
use crate::engine::{Engine, EngineError, KernelId};
use crate::explore::{Counters, Walker, write_live_registers};
use crate::log::Log;
use crate::log_tail::instruction_slot;
use crate::machine::Facts;
use crate::options::Options;
use crate::profile::{Profile, Rules};
use crate::program::{Subject, flag};
use crate::stop::{Checked, E2BIG, Stop};
use crate::structure::{self, Flow};
use crate::verdict::{Outcome, Verdict};

/// The verifier of a kernel version.
///
/// As an [`Engine`] it always answers, on any machine and for any user. A program that it doesn't model gets no verdict:
/// [`Outcome::Unsupported`] with the name of what it is.
#[derive(Debug, Clone, Copy)]
pub struct Verifier {
    profile: Profile,
    rules: &'static Rules,
    cpus: u32,
    log_limit: usize,
}

/// The program types that the verifier models. What the kernel lets programs do is written down for more of them
/// ([`ProgType::rules`]), but not all that their contexts hold is known to this verifier.
pub const MODELLED: ProgTypes = ProgTypes::of(&[
    ProgType::SocketFilter,
    ProgType::SchedCls,
    ProgType::Xdp,
    ProgType::CgroupSkb,
    ProgType::LwtXmit,
]);

/// The most slots of a program, `BPF_COMPLEXITY_LIMIT_INSNS` of `include/linux/bpf.h`.
const MAX_SLOTS: usize = 1_000_000;

/// Where a run is: what it has walked, and the last instruction that the log shows.
#[derive(Default)]
struct Walked {
    counters: Counters,
    insn: Option<usize>,
}

impl Verifier {
    /// The verifier of a kernel version, on a machine with two processors.
    pub const fn new(profile: Profile) -> Self {
        Self { profile, rules: profile.rules(), cpus: 2, log_limit: 16 << 20 }
    }

    /// The same on a machine with so many processors: the kernel knows how far `bpf_get_smp_processor_id` counts.
    pub const fn with_cpus(self, cpus: u32) -> Self {
        Self { cpus, ..self }
    }

    /// The same with room for so many bytes of log; of a longer one the end is kept.
    pub const fn with_log_limit(self, log_limit: usize) -> Self {
        Self { log_limit, ..self }
    }

    /// The same under rules that no kernel has, to find out what a rule decides.
    #[doc(hidden)]
    pub const fn with_rules(self, rules: &'static Rules) -> Self {
        Self { rules, ..self }
    }

    /// Which kernel is imitated.
    pub const fn profile(&self) -> Profile {
        self.profile
    }

    /// The processors of the machine.
    pub const fn cpus(&self) -> u32 {
        self.cpus
    }

    /// The verdict on a program.
    pub fn run(&self, attempt: &Attempt) -> Verdict {
        let subject = match Subject::of(attempt) {
            Ok(subject) => subject,
            Err(error) => return Verdict::error(0, error.to_string()),
        };
        let options = Options {
            log_level: attempt.level.min(2) as u8,
            perfmon: attempt.privilege == Privilege::Full,
            cpus: self.cpus,
            log_limit: self.log_limit,
        };
        let mut log = Log::new(self.rules.version, options.log_level, options.log_limit);
        let mut walked = Walked::default();
        let result = self.check(&subject, &options, &mut log, &mut walked);
        let (outcome, errno) = match result {
            Ok(()) => (Outcome::Accept, 0),
            Err(Stop::Reject(refusal)) => {
                log.refusal(&refusal);
                (Outcome::Reject, refusal.errno)
            }
            Err(Stop::NoMap { errno, what }) => return Verdict::error(errno, what),
            Err(Stop::Unsupported(what)) => {
                let (log, log_cut) = log.finish();
                let (insn, level) = (walked.insn, attempt.level);
                return Verdict { insn, log, level, log_cut, ..Verdict::unsupported(what) };
            }
        };
        let before = log.position();
        if errno != E2BIG || !subject.slots.is_empty() {
            log.write(format_args!("{}\n", walked.counters));
        }
        let summary = log.position() - before;
        let (log, log_cut) = log.finish();
        let (insn, message) = match outcome {
            // A log of level 1 has no instructions where all paths were walked to their end.
            Outcome::Reject => {
                let body = &log[..log.len().saturating_sub(summary)];
                (body.lines().rev().find_map(instruction_slot), last_line(body))
            }
            _ => (None, String::new()),
        };
        let processed = Some(walked.counters.processed());
        Verdict { outcome, errno, insn, message, processed, log, level: attempt.level, log_cut }
    }

    fn check(&self, subject: &Subject, options: &Options, log: &mut Log, walked: &mut Walked) -> Checked {
        structure::check_made(subject, self.rules.version)?;
        if subject.slots.is_empty() || subject.slots.len() > MAX_SLOTS {
            return Err(Stop::silent(E2BIG));
        }
        if !MODELLED.contains(subject.prog_type) {
            return Err(Stop::unsupported(format!("program type {}", subject.prog_type)));
        }
        let flags = subject.flags & !flag::MODELLED;
        if flags != 0 {
            return Err(Stop::unsupported(format!("program flags {flags:#x}")));
        }
        if let Some(what) = &subject.beyond {
            return Err(Stop::unsupported(what.clone()));
        }
        let rules = self.rules;
        structure::check_order(subject)?;
        let starts = structure::find_functions(subject)?;
        write_functions(log, &starts);
        structure::check_functions(subject, &starts)?;
        structure::check_returns(subject, &starts)?;
        structure::check_types(subject, &starts)?;
        structure::check_encoding(subject, rules)?;
        let structure = structure::check_flow(subject, starts, rules)?;
        let caller = Caller { prog_type: subject.prog_type, perfmon: options.perfmon, kernel: rules.version };
        let flow = Flow::new(subject, &structure, caller);
        let facts = Facts { subject, structure: &structure, flow: &flow, rules, options };
        if rules.live_registers {
            write_live_registers(facts, log);
        }
        let mut walker = Walker::new(facts, log);
        let result = walker.run();
        *walked = Walked { counters: walker.counters(), insn: walker.last_insn() };
        result?;
        structure::check_stack_depth(subject, &structure, walker.stack_depth())?;
        structure::check_addresses(subject, &structure.starts, walker.seen())
    }
}

impl Engine for Verifier {
    fn name(&self) -> Option<&str> {
        Some(self.profile.name())
    }

    fn kernel(&mut self) -> Result<KernelId, EngineError> {
        let release = self.profile.release();
        Ok(KernelId {
            name: self.profile.name().to_owned(),
            version: KernelVersion::of_release(release).unwrap_or(KernelVersion::new(0, 0)),
            release: format!("{release} in user space"),
            cpus: self.cpus,
        })
    }

    fn verify(&mut self, attempts: &[Attempt]) -> Result<Vec<Verdict>, EngineError> {
        Ok(attempts.iter().map(|attempt| self.run(attempt)).collect())
    }
}

/// The list of functions, at level 2.
fn write_functions(log: &mut Log, starts: &[usize]) {
    if log.is_full() {
        for (number, start) in starts[..starts.len() - 1].iter().enumerate() {
            log.write(format_args!("func#{number} @{start}\n"));
        }
    }
}

/// The last line of a text that isn't blank.
fn last_line(text: &str) -> String {
    let mut lines = text.lines().rev();
    lines.find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned()
}
