//! Our own verifier as an engine: no kernel, no privilege.

use knockwright_asm::KernelVersion;
use knockwright_verifier::{BtfError, Options, Outcome, Profile, Subject, Verifier};

use crate::case::Privilege;
use crate::engine::{Answer, Attempt, Engine, EngineError, KernelId, Load, NotVerified};
use crate::kernel_range::version_of_release;
use crate::observation::Observation;

/// A kernel as the user-space verifier imitates it. A program that it doesn't model gets no
/// verdict: [`NotVerified::Unsupported`] names what it is.
#[derive(Debug, Clone, Copy)]
pub struct UserspaceEngine {
    profile: Profile,
    cpus: u32,
}

impl UserspaceEngine {
    /// The verifier of a kernel on a machine with two processors.
    pub const fn new(profile: Profile) -> Self {
        Self { profile, cpus: 2 }
    }

    /// The same on a machine with so many processors: the kernel knows how far `bpf_get_smp_processor_id` counts.
    pub const fn with_cpus(mut self, cpus: u32) -> Self {
        self.cpus = cpus;
        self
    }

    /// The processors of the machine.
    pub const fn cpus(&self) -> u32 {
        self.cpus
    }

    fn attempt(&self, load: &Load, level: u32) -> Attempt {
        let subject = subject(load).map_err(|error| NotVerified::Failed(error.to_string()))?;
        let options = Options {
            log_level: level as u8,
            perfmon: load.privilege == Privilege::Full,
            cpus: self.cpus,
            ..Options::default()
        };
        let verdict = Verifier::new(self.profile, options).verify(&subject);
        match verdict.outcome {
            Outcome::Unsupported => Err(NotVerified::Unsupported(verdict.message)),
            Outcome::Accept | Outcome::Reject => Ok(Observation::new(verdict.errno, verdict.log, level)),
        }
    }
}

fn subject(load: &Load) -> Result<Subject, BtfError> {
    let mut subject = Subject::from(&load.program);
    subject.flags = load.flags;
    match &load.btf {
        Some(records) => {
            subject.lines.clear();
            subject.with_btf(&records.btf, &records.func_info, &records.line_info)
        }
        None => {
            subject.lines.clear();
            Ok(subject)
        }
    }
}

impl Engine for UserspaceEngine {
    fn verify(&mut self, loads: &[Load]) -> Result<(KernelId, Vec<Answer>), EngineError> {
        let release = self.profile.release();
        let version = version_of_release(release).unwrap_or(KernelVersion::new(0, 0));
        let mut answers = Vec::new();
        for (index, load) in loads.iter().enumerate() {
            for &level in &load.levels {
                answers.push(Answer { load: index, level, attempt: self.attempt(load, level) });
            }
        }
        let id = KernelId {
            name: self.profile.name().to_owned(),
            version,
            release: format!("{release} in user space"),
        };
        Ok((id, answers))
    }
}
