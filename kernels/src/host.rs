//! The running kernel as an engine.

use std::cell::OnceCell;
use std::thread;

use crate::{functions, older, types};
use knockwright_asm::{KernelVersion, ProgType};
use knockwright_btf::KernelTypes;
use knockwright_loader::Errno;
use knockwright_loader::load::{Answer, Load, LoadError, Loader, LogLevel};
use knockwright_loader::privilege::{can_load, kernel_release};
use knockwright_verifier::log_tail::LogTail;
use knockwright_verifier::{Attempt, Engine, EngineError, KernelId, Privilege, Verdict};
use rustix::thread::{CapabilitySet, capabilities, set_capabilities};

/// The running kernel.
#[derive(Debug, Default)]
pub struct HostEngine {
    loader: Loader,
    /// Nobody reads the logs: their end is enough, for what it says of a rejection.
    briefly: bool,
    /// The running kernel's, if its release says it.
    version: Option<KernelVersion>,
    /// Its types, once a program named a function of them; none if they can't be read.
    types: OnceCell<Option<KernelTypes>>,
}

impl HostEngine {
    /// The running kernel, which needs the privileges to load programs.
    pub fn new() -> Self {
        Self { version: KernelVersion::of_release(&kernel_release()), ..Self::default() }
    }

    /// The same for callers who don't read logs: of level 2, where a log takes longest to write, verdicts come without
    /// theirs, by as few loads as can be.
    #[must_use]
    pub fn without_logs(self) -> Self {
        Self { briefly: true, ..self }
    }

    /// How often the kernel was asked to load a program: large logs take more than one.
    pub fn loads(&self) -> u64 {
        self.loader.loads()
    }

    fn types(&self) -> Option<&KernelTypes> {
        self.types.get_or_init(|| types::of_host().ok()).as_ref()
    }

    fn attempt(&mut self, attempt: &Attempt) -> Verdict {
        let named = functions::are_named(attempt).then(|| self.types()).flatten();
        let named = named.map(|types| functions::attempt_for(attempt, types));
        let attempt = named.as_ref().unwrap_or(attempt);
        let made = self.version.and_then(|version| older::attempt_for(attempt, version));
        let attempt = made.as_ref().unwrap_or(attempt);
        if attempt.program.prog_type.facts().needs_target && attempt.target.is_none() {
            return Verdict::unsupported(format!(
                "a program of type {} is verified for a target in the kernel's BTF, and none is named",
                attempt.program.prog_type
            ));
        }
        let level = LogLevel::from_number(attempt.level).unwrap_or_default();
        let mut load = Load::new(&attempt.program).at_level(level);
        load.btf = attempt.btf.as_ref();
        load.flags = attempt.flags;
        load.attach_type = attempt.attach_type;
        load.map_types = &attempt.map_types;
        load.target = attempt.target;
        let briefly = self.briefly && load.log_level == LogLevel::EveryPath;
        let ask_with = |loader: &mut Loader, load: &Load<'_>| match briefly {
            true => loader.try_briefly(load, ends_with_an_instruction),
            false => loader.try_load(load),
        };
        let ask = |loader: &mut Loader| match ask_with(loader, &load) {
            // As libbpf does: types that the kernel doesn't take are left out, but where structs of functions need them.
            Err(LoadError::Btf(_)) if attempt.program.prog_type != ProgType::StructOps => {
                let mut without = load;
                (without.btf, without.map_types) = (None, &[]);
                ask_with(loader, &without)
            }
            answer => answer,
        };
        let answer = match attempt.privilege {
            Privilege::Full => ask(&mut self.loader),
            Privilege::WithoutPerfmon => match without_perfmon(&mut self.loader, ask) {
                Ok(answer) => answer,
                Err(reason) => return Verdict::error(0, reason),
            },
        };
        let mut verdict = match answer {
            Ok(answer) => verdict(answer),
            Err(LoadError::NotPermitted(error)) if attempt.target.is_some() => {
                let reason = format!("{error}; the kernel may not let programs be for this target");
                return Verdict::refused(error.errno.0, reason, attempt.level);
            }
            Err(error) => return no_verdict(&error, attempt.level),
        };
        if briefly {
            (verdict.log, verdict.level, verdict.log_cut) = (String::new(), 0, false);
        } else if attempt.level == 0 {
            // Who wants no log gets no count either: kernels in QEMU have none then.
            verdict.processed = None;
        }
        verdict
    }
}

/// Whether the end of a log says all that a verdict is made of.
fn ends_with_an_instruction(log: &str) -> bool {
    let tail = LogTail::read(log);
    tail.processed.is_some() && tail.insn.is_some()
}

/// What the kernel's answer amounts to.
fn verdict(answer: Answer) -> Verdict {
    let errno = answer.errno.map_or(0, |errno| errno.0);
    let level = answer.log_level.number();
    let mut read = Verdict::of_log(errno, answer.log, LogLevel::EveryPath.number());
    if level == 0 {
        // Statistics alone tell the count of instructions, and are no log.
        read.log.clear();
    }
    read.processed = read.processed.or(answer.verified_insns);
    (read.level, read.log_cut) = (level, answer.log_cut);
    read
}

/// What stands for a verdict where the kernel's verifier didn't come to one.
fn no_verdict(error: &LoadError, level: u32) -> Verdict {
    let errno = error.errno().map_or(0, |errno| errno.0);
    match error {
        LoadError::BeforeVerifier(_) => Verdict::refused(errno, error.to_string(), level),
        _ => Verdict::error(errno, error.to_string()),
    }
}

/// Capabilities belong to threads: one without CAP_PERFMON does the work, and the others keep theirs.
fn without_perfmon<T: Send>(
    loader: &mut Loader,
    work: impl FnOnce(&mut Loader) -> T + Send,
) -> Result<T, String> {
    thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let mut sets = capabilities(None)?;
            sets.effective.remove(CapabilitySet::PERFMON | CapabilitySet::SYS_ADMIN);
            set_capabilities(None, sets)?;
            Ok(work(loader))
        });
        let result = worker.join().map_err(|_| "the thread that loads panicked".to_owned())?;
        result.map_err(|error: rustix::io::Errno| {
            format!("CAP_PERFMON can't be dropped: {}", Errno::from(error))
        })
    })
}

impl Engine for HostEngine {
    fn name(&self) -> Option<&str> {
        Some("host")
    }

    fn kernel(&mut self) -> Result<KernelId, EngineError> {
        can_load().map_err(|error| EngineError::NotPermitted(error.to_string()))?;
        let release = kernel_release();
        KernelId::of_release("host", &release, nr_cpu_ids()).ok_or(EngineError::UnknownRelease { release })
    }

    fn verify(&mut self, attempts: &[Attempt]) -> Result<Vec<Verdict>, EngineError> {
        Ok(attempts.iter().map(|attempt| self.attempt(attempt)).collect())
    }
}

/// The kernel's `nr_cpu_ids`: the highest number of a processor that there is or may be plugged in, and one more. 1 where it
/// doesn't say.
pub fn nr_cpu_ids() -> u32 {
    let list = std::fs::read_to_string("/sys/devices/system/cpu/possible").unwrap_or_default();
    let last = list.trim().rsplit(['-', ',']).next().and_then(|last| last.parse::<u32>().ok());
    last.map_or(1, |last| last + 1)
}
