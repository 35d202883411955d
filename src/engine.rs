//! Who verifies: the kernel where it may be asked, or our own verifier.

use knockwright_asm::Program;
use knockwright_codegen::kernel_records;
use knockwright_kernels::{HostEngine, Wanted, nr_cpu_ids};
use knockwright_loader::privilege::{can_load, kernel_release};
use knockwright_verifier::{Attempt, Engine, Profile, Verifier};

use crate::cli::{EngineChoice, Kernels};
use crate::failure::{Failure, Status};
use crate::kernel_types::TypesOf;

/// A program as its loader would load it, source lines included.
pub(crate) fn attempt(program: &Program) -> Attempt {
    Attempt::new(program.clone()).with_btf(kernel_records(program))
}

/// Our verifier as it is on this machine.
pub(crate) fn userspace(profile: Profile) -> Verifier {
    Verifier::new(profile).with_cpus(nr_cpu_ids())
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

/// Who verifies programs, and whose types they are made for.
pub(crate) struct Asked {
    pub(crate) engine: Box<dyn Engine>,
    pub(crate) types: TypesOf,
    /// `kernel` or `userspace`, as rows say it.
    pub(crate) kind: &'static str,
    /// What the kernel is called, also before it's asked.
    pub(crate) name: String,
}

impl Asked {
    fn userspace(profile: Profile) -> Self {
        let types = TypesOf::Release(profile.release());
        let name = profile.name().to_owned();
        Self { engine: Box::new(userspace(profile)), types, kind: "userspace", name }
    }

    fn kernel(engine: Box<dyn Engine>) -> Self {
        let name = engine.name().unwrap_or("host").to_owned();
        Self { types: TypesOf::of_kernel(engine.as_ref()), engine, kind: "kernel", name }
    }

    /// Stands for kernels that can't be asked and needn't be.
    pub(crate) fn nobody(choice: EngineChoice, kernels: &Kernels) -> Self {
        let kind = if choice == EngineChoice::Userspace { "userspace" } else { "kernel" };
        let names: Vec<String> = kernels.kernel.iter().map(ToString::to_string).collect();
        let name = if names.is_empty() { "host".to_owned() } else { names.join(",") };
        Self { engine: Box::new(userspace(Profile::NEWEST)), types: TypesOf::Host, kind, name }
    }
}

/// Who verifies a batch's programs one by one; `None` for kernels in QEMU. Without logs it may be quicker.
pub(crate) fn of_batch(
    choice: EngineChoice,
    kernels: &Kernels,
    with_logs: bool,
) -> Result<Option<Box<dyn Engine>>, Failure> {
    let own = |profile| -> Option<Box<dyn Engine>> { Some(Box::new(userspace(profile))) };
    let host =
        |engine: HostEngine| -> Result<Option<Box<dyn Engine>>, Failure> { Ok(Some(Box::new(engine))) };
    match (choice, kernels.kernel.as_slice()) {
        (EngineChoice::Userspace, _) if !kernels.kernel_image.is_empty() => {
            Err(Failure::new(Status::Usage, "the user-space verifier runs no kernel image"))
        }
        (EngineChoice::Userspace, []) => Ok(own(Profile::NEWEST)),
        (EngineChoice::Userspace, [wanted]) => Ok(own(profile(wanted)?)),
        (EngineChoice::Userspace, _) => {
            Err(Failure::new(Status::Usage, "the user-space verifier imitates one version: --kernel 6.18"))
        }
        _ if !is_host(kernels) => Ok(None),
        (EngineChoice::Auto, []) if let Err(reason) = can_load() => {
            let profile = profile_of_host();
            note_fallback(profile, &reason);
            Ok(own(profile))
        }
        _ if with_logs => host(HostEngine::new()),
        _ => host(HostEngine::new().without_logs()),
    }
}

/// Who verifies objects: the kernels asked for, or our own verifier as each of them.
pub(crate) fn of_objects(choice: EngineChoice, kernels: &Kernels) -> Result<Vec<Asked>, Failure> {
    each(choice, kernels, Asked::userspace, Asked::kernel)
}

/// Who verifies cases, one engine a kernel.
pub(crate) fn of_cases(choice: EngineChoice, kernels: &Kernels) -> Result<Vec<Box<dyn Engine>>, Failure> {
    each(choice, kernels, |profile| Box::new(Verifier::new(profile)) as Box<dyn Engine>, |engine| engine)
}

/// Something for each kernel asked for: by its profile in user space, or by the engine that asks it.
fn each<T>(
    choice: EngineChoice,
    kernels: &Kernels,
    own: impl Fn(Profile) -> T,
    real: impl Fn(Box<dyn Engine>) -> T,
) -> Result<Vec<T>, Failure> {
    match (choice, kernels.kernel.as_slice()) {
        (EngineChoice::Userspace, _) if !kernels.kernel_image.is_empty() => {
            Err(Failure::new(Status::Usage, "the user-space verifier runs no kernel image"))
        }
        (EngineChoice::Userspace, []) => Ok(vec![own(Profile::NEWEST)]),
        (EngineChoice::Userspace, [Wanted::All]) => Ok(Profile::ALL.iter().copied().map(own).collect()),
        (EngineChoice::Userspace, wanted) => {
            let mut profiles = Vec::new();
            for wanted in wanted {
                let profile = profile(wanted)?;
                if !profiles.contains(&profile) {
                    profiles.push(profile);
                }
            }
            Ok(profiles.into_iter().map(own).collect())
        }
        (EngineChoice::Auto, [])
            if kernels.kernel_image.is_empty()
                && let Err(reason) = can_load() =>
        {
            let profile = profile_of_host();
            note_fallback(profile, &reason);
            Ok(vec![own(profile)])
        }
        _ => {
            let engines = crate::commands::cases::kernels::wanted(kernels)?;
            Ok(engines.into_iter().map(real).collect())
        }
    }
}
