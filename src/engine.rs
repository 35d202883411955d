//! Who verifies: the kernel where it may be asked, or our own verifier.

use knockwright_differential::compare::subject;
use knockwright_loader::batch::{BatchOutcome, BatchVerdict, Engine as BatchEngine, KernelEngine};
use knockwright_loader::kernel::{LoadOptions, LogLevel};
use knockwright_loader::privilege::{can_load, kernel_release};
use knockwright_loader::raw_program::RawProgram;
use knockwright_verifier::{Options, Outcome, Profile, Verifier};
use knockwright_verifier_cases::engine::Engine as CasesEngine;
use knockwright_verifier_cases::host::possible_cpus;
use knockwright_verifier_cases::kernels::Wanted;
use knockwright_verifier_cases::{HostEngine, UserspaceEngine};

use crate::cli::{Engine, Kernels};
use crate::failure::{Failure, Status};

/// A kernel version as our verifier imitates it, for programs of the batch format.
pub(crate) struct Userspace {
    profile: Profile,
    options: Options,
    with_log: bool,
}

impl Userspace {
    pub(crate) fn new(profile: Profile, log_level: u8, with_log: bool) -> Self {
        let options = Options { log_level, cpus: possible_cpus(), ..Options::default() };
        Self { profile, options, with_log }
    }
}

impl BatchEngine for Userspace {
    fn verify(&mut self, program: &RawProgram) -> BatchVerdict {
        let subject = match subject(program) {
            Ok(subject) => subject,
            Err(error) => return BatchVerdict::error(Some(program.name.clone()), 0, error.to_string()),
        };
        let verdict = Verifier::new(self.profile, self.options).verify(&subject);
        let outcome = match verdict.outcome {
            Outcome::Accept => BatchOutcome::Accept,
            Outcome::Reject => BatchOutcome::Reject,
            Outcome::Unsupported => BatchOutcome::Unsupported,
        };
        BatchVerdict {
            name: Some(program.name.clone()),
            verdict: outcome,
            errno: verdict.errno,
            insn: verdict.insn,
            message: verdict.message,
            processed: (outcome != BatchOutcome::Unsupported).then_some(verdict.processed),
            log: self.with_log.then_some(verdict.log),
        }
    }
}

/// The profile of the running kernel, else the newest.
pub(crate) fn profile_of_host() -> Profile {
    Profile::from_version(&kernel_release()).unwrap_or(Profile::NEWEST)
}

/// The kernel that the user-space verifier imitates.
fn profile(wanted: &Wanted) -> Result<Profile, Failure> {
    let version = match wanted {
        Wanted::Host => kernel_release(),
        Wanted::Series(series) => series.to_string(),
        Wanted::Release(series, patch) => format!("{series}.{patch}"),
        Wanted::All => return Err(Failure::new(Status::Usage, "name one version: --kernel 6.18")),
    };
    Profile::from_version(&version).ok_or_else(|| {
        let known: Vec<&str> = Profile::ALL.iter().map(|profile| profile.release()).collect();
        Failure::not_possible(format!(
            "the user-space verifier doesn't imitate Linux {version}; it does {}",
            known.join(", ")
        ))
    })
}

/// Whether the kernels asked for are the running one only.
fn is_host(kernels: &Kernels) -> bool {
    kernels.kernel_image.is_empty() && kernels.kernel.iter().all(|kernel| *kernel == Wanted::Host)
}

/// Tells who verifies where it isn't the kernel that was expected.
fn note_fallback(profile: Profile, reason: &dyn std::fmt::Display) {
    let release = profile.release();
    crate::output::say(format_args!("note: verified in user space, as Linux {release} would: {reason}"));
}

/// Who verifies a user's programs one by one; `None` for kernels in QEMU.
pub(crate) fn of_programs(
    engine: Engine,
    kernels: &Kernels,
    log_level: u32,
    with_log: bool,
) -> Result<Option<Box<dyn BatchEngine>>, Failure> {
    let userspace = |profile| Some(Box::new(Userspace::new(profile, log_level as u8, with_log)) as _);
    match (engine, kernels.kernel.as_slice()) {
        (Engine::Userspace, _) if !kernels.kernel_image.is_empty() => {
            Err(Failure::new(Status::Usage, "the user-space verifier runs no kernel image"))
        }
        (Engine::Userspace, []) => Ok(userspace(Profile::NEWEST)),
        (Engine::Userspace, [wanted]) => Ok(userspace(profile(wanted)?)),
        (Engine::Userspace, _) => {
            Err(Failure::new(Status::Usage, "the user-space verifier imitates one version: --kernel 6.18"))
        }
        _ if !is_host(kernels) => Ok(None),
        (Engine::Auto, []) if let Err(reason) = can_load() => {
            let profile = profile_of_host();
            note_fallback(profile, &reason);
            Ok(userspace(profile))
        }
        _ => {
            let log_level = LogLevel::from_number(log_level).unwrap_or_default();
            let options = LoadOptions { log_level, ..LoadOptions::default() };
            Ok(Some(Box::new(KernelEngine::new(with_log).with_options(options))))
        }
    }
}

/// Who verifies cases, one engine a kernel.
pub(crate) fn of_cases(
    engine: Engine,
    kernels: &Kernels,
) -> Result<Vec<Box<dyn CasesEngine + Send>>, Failure> {
    let userspace = |profile| Box::new(UserspaceEngine::new(profile)) as Box<dyn CasesEngine + Send>;
    match (engine, kernels.kernel.as_slice()) {
        (Engine::Userspace, _) if !kernels.kernel_image.is_empty() => {
            Err(Failure::new(Status::Usage, "the user-space verifier runs no kernel image"))
        }
        (Engine::Userspace, []) => Ok(vec![userspace(Profile::NEWEST)]),
        (Engine::Userspace, [Wanted::All]) => Ok(Profile::ALL.iter().copied().map(userspace).collect()),
        (Engine::Userspace, wanted) => wanted.iter().map(|wanted| Ok(userspace(profile(wanted)?))).collect(),
        (Engine::Auto, []) if kernels.kernel_image.is_empty() => match can_load() {
            Ok(()) => Ok(vec![Box::new(HostEngine::new())]),
            Err(reason) => {
                let profile = profile_of_host();
                note_fallback(profile, &reason);
                Ok(vec![userspace(profile)])
            }
        },
        _ => crate::commands::cases::kernels::wanted(kernels),
    }
}
