//! The verifier from outside: a program in, a verdict out.

use knockwright_asm::helper::Caller;

use crate::check::{call, dead_code, maps, structure, types};
use crate::explore::flow::Flow;
use crate::explore::walker::{Counters, Walker};
use crate::log::Log;
use crate::options::Options;
use crate::profile::{Profile, Rules};
use crate::program::{Shown, Subject, flag};
use crate::stop::{Checked, E2BIG, Stop};

/// Whether the verifier takes a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It does.
    Accept,
    /// It does not, for the reason in the log.
    Reject,
    /// The program uses something that isn't modelled: [`Verdict::message`] names it.
    Unsupported,
}

/// What the verifier says of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Accepted, rejected or not modelled.
    pub outcome: Outcome,
    /// The error number of a rejection, else 0.
    pub errno: i32,
    /// The slot of the last instruction of the log; only for a rejection.
    pub insn: Option<usize>,
    /// The last line of the log before its summary; only for a rejection. What isn't modelled, if something isn't.
    pub message: String,
    /// How many instructions were walked.
    pub processed: u64,
    /// The log, as the kernel writes it; its end, if it was longer than allowed.
    pub log: String,
    /// Whether the log was longer than allowed.
    pub log_cut: bool,
}

/// The verifier of a kernel version.
#[derive(Debug, Clone, Copy)]
pub struct Verifier {
    rules: &'static Rules,
    options: Options,
}

impl Verifier {
    /// The verifier of a kernel version.
    pub const fn new(profile: Profile, options: Options) -> Self {
        Self { rules: profile.rules(), options }
    }

    /// The same under rules that no kernel has, to find out what a rule decides.
    #[doc(hidden)]
    pub const fn with_rules(self, rules: &'static Rules) -> Self {
        Self { rules, ..self }
    }

    /// Its verdict on a program.
    pub fn verify(&self, subject: &Subject) -> Verdict {
        let mut log = Log::new(self.options.log_level, self.options.log_limit);
        let mut counters = Counters::default();
        let mut insn = None;
        let result = self.check(subject, &mut log, &mut counters, &mut insn);
        if let Err(Stop::Unsupported(what)) = result {
            let (log, log_cut) = log.finish();
            let processed = counters.processed;
            return Verdict {
                outcome: Outcome::Unsupported,
                errno: 0,
                insn,
                message: what,
                processed,
                log,
                log_cut,
            };
        }
        let (outcome, errno) = match result {
            Err(Stop::Reject(errno)) => (Outcome::Reject, errno),
            _ => (Outcome::Accept, 0),
        };
        let never_begun = matches!(result, Err(Stop::Reject(E2BIG))) && subject.slots.is_empty();
        let before = log.position();
        if !never_begun {
            log.write(format_args!(
                "processed {} insns (limit 1000000) max_states_per_insn {} total_states {} peak_states {} mark_read {}\n",
                counters.processed,
                counters.max_states_per_insn,
                counters.total_states,
                counters.peak_states,
                counters.longest_read
            ));
        }
        let summary = log.position() - before;
        let (log, log_cut) = log.finish();
        let message = if outcome == Outcome::Reject {
            log[..log.len().saturating_sub(summary)]
                .lines()
                .rev()
                .find(|line| !line.trim().is_empty())
                .unwrap_or_default()
                .trim()
                .to_owned()
        } else {
            String::new()
        };
        let insn = insn.filter(|_| outcome == Outcome::Reject);
        Verdict { outcome, errno, insn, message, processed: counters.processed, log, log_cut }
    }

    fn check(
        &self,
        subject: &Subject,
        log: &mut Log,
        counters: &mut Counters,
        insn: &mut Option<usize>,
    ) -> Checked {
        if subject.slots.is_empty() || subject.slots.len() > 1_000_000 {
            return Err(Stop::Reject(E2BIG));
        }
        if subject.prog_type.rules().is_none() {
            return Err(Stop::unsupported(format!("program type {}", subject.prog_type)));
        }
        let flags = subject.flags & !flag::MODELLED;
        if flags != 0 {
            return Err(Stop::unsupported(format!("program flags {flags:#x}")));
        }
        maps::check_made(subject)?;
        let rules = self.rules;
        types::check_order(subject, log)?;
        let starts = structure::find_functions(subject, log)?;
        structure::check_functions(subject, &starts, log)?;
        structure::check_returns(subject, &starts, log)?;
        types::check_types(subject, &starts, log)?;
        structure::check_encoding(subject, rules, log)?;
        let structure = structure::check_flow(subject, starts, rules, log)?;
        let caller =
            Caller { prog_type: subject.prog_type, perfmon: self.options.perfmon, kernel: rules.version };
        let flow = Flow::new(subject, &structure, |id| call::argument_count(id, caller));
        if rules.live_registers {
            let shown = Shown { addresses: self.options.perfmon, kernel: rules.version };
            flow.write_live_registers(subject, &structure, log, shown);
        }
        let mut walker = Walker::new(subject, &structure, &flow, rules, &self.options, log);
        let result = walker.run();
        *counters = walker.counters;
        *insn = walker.shown;
        let (stack_depth, seen) = (std::mem::take(&mut walker.stack_depth), std::mem::take(&mut walker.seen));
        result?;
        structure::check_stack_depth(subject, &structure, &stack_depth, log)?;
        dead_code::check_addresses(subject, &structure.starts, &seen)
    }
}
