//! The running kernel as an engine.

use std::thread;

use knockwright_loader::Errno;
use knockwright_loader::kernel::{KernelError, KernelVerifier, LoadOptions, LogLevel, Verdict};
use knockwright_loader::privilege::{can_load, kernel_release};
use knockwright_loader::raw_program::{BtfBlobs, RawProgram};
use rustix::thread::{CapabilitySet, capabilities, set_capabilities};

use crate::case::Privilege;
use crate::engine::{Answer, Attempt, Engine, EngineError, KernelId, Load, NotVerified};
use crate::kernel_range::version_of_release;
use crate::observation::Observation;

/// The running kernel.
#[derive(Debug, Default)]
pub struct HostEngine {
    verifier: KernelVerifier,
}

impl HostEngine {
    /// The running kernel, which needs the privileges to load programs.
    pub fn new() -> Self {
        Self::default()
    }

    fn attempt(&mut self, load: &Load, level: u32) -> Attempt {
        let btf = load.btf.clone().map(|records| BtfBlobs {
            btf: records.btf,
            func_info: records.func_info,
            line_info: records.line_info,
        });
        let raw = RawProgram { flags: load.flags, ..RawProgram::new(&load.program, btf) };
        let log_level = LogLevel::from_number(level).unwrap_or_default();
        let options = LoadOptions { log_level, ..LoadOptions::default() };
        let verdict = match load.privilege {
            Privilege::Full => self.verifier.verify(&raw, &options),
            Privilege::WithoutPerfmon => {
                let result = self.without_perfmon(|verifier| verifier.verify(&raw, &options));
                result.map_err(NotVerified::Failed)?
            }
        };
        match verdict {
            Ok(verdict) => Ok(observation(verdict)),
            // A refusal before the verifier is a verdict on the program as well: of its form, or of its map references.
            Err(KernelError::BeforeVerifier(error)) => {
                Ok(Observation::new(error.errno.0, String::new(), level))
            }
            Err(error) => Err(NotVerified::Failed(error.to_string())),
        }
    }

    /// Capabilities belong to threads: one without CAP_PERFMON does the work, and the others keep theirs.
    fn without_perfmon<T: Send>(
        &mut self,
        work: impl FnOnce(&mut KernelVerifier) -> T + Send,
    ) -> Result<T, String> {
        let verifier = &mut self.verifier;
        thread::scope(|scope| {
            let worker = scope.spawn(|| {
                let mut sets = capabilities(None)?;
                sets.effective.remove(CapabilitySet::PERFMON | CapabilitySet::SYS_ADMIN);
                set_capabilities(None, sets)?;
                Ok(work(verifier))
            });
            let result = worker.join().map_err(|_| "the thread that loads panicked".to_owned())?;
            result.map_err(|error: rustix::io::Errno| {
                format!("CAP_PERFMON can't be dropped: {}", Errno::from(error))
            })
        })
    }
}

fn observation(verdict: Verdict) -> Observation {
    let level = match verdict.log_level {
        LogLevel::None => 0,
        LogLevel::FailingPath => 1,
        LogLevel::EveryPath => 2,
    };
    let errno = verdict.errno.map_or(0, |errno| errno.0);
    Observation::new(errno, verdict.log, level)
}

impl Engine for HostEngine {
    fn verify(&mut self, loads: &[Load]) -> Result<(KernelId, Vec<Answer>), EngineError> {
        can_load().map_err(|error| EngineError::NotPermitted(error.to_string()))?;
        let release = kernel_release();
        let version = version_of_release(&release)
            .ok_or_else(|| EngineError::UnknownRelease { release: release.clone() })?;
        let mut answers = Vec::new();
        for (index, load) in loads.iter().enumerate() {
            for &level in &load.levels {
                answers.push(Answer { load: index, level, attempt: self.attempt(load, level) });
            }
        }
        Ok((KernelId { name: "host".to_owned(), version, release }, answers))
    }
}

/// How many processors the running kernel counts: those that there are or may be plugged in. 1 where it doesn't say.
pub fn possible_cpus() -> u32 {
    let list = std::fs::read_to_string("/sys/devices/system/cpu/possible").unwrap_or_default();
    let last = list.trim().rsplit(['-', ',']).next().and_then(|last| last.parse::<u32>().ok());
    last.map_or(1, |last| last + 1)
}
