//! What is known of the kernels that objects are verified for: their types, releases, configurations and symbols.

use std::path::{Path, PathBuf};

use knockwright_asm::KernelVersion;
use knockwright_codegen::btf::KernelTypes;
use knockwright_codegen::read::{KernelConfig, KernelFacts, KernelSymbols};
use knockwright_kernels::{facts, image_like, types};
use knockwright_linux::release::Release;
use knockwright_loader::privilege::kernel_release;
use knockwright_verifier::Engine;

use crate::failure::Failure;
use crate::{files, output};

/// Whose types a program is made for, as its loader would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TypesOf {
    /// Those of a file that the user names.
    File(PathBuf),
    /// The running kernel's.
    Host,
    /// Those of a kernel image.
    Image(PathBuf),
    /// Those of a release, or of another of its series: the running kernel, or one at hand.
    Release(&'static str),
}

impl TypesOf {
    /// Those of the kernel that an engine asks.
    pub(crate) fn of_kernel(engine: &dyn Engine) -> Self {
        engine.image().map_or(Self::Host, |image| Self::Image(image.to_owned()))
    }

    /// Reads them, with what else is known of the kernel. Why there are none is said in one line; only the user's own file has to
    /// be there.
    pub(crate) fn read(&self) -> Result<Result<KernelFacts, String>, Failure> {
        Ok(match self {
            Self::File(path) if path == Path::new(types::OF_RUNNING) => Ok(of_host(of_file(path)?)),
            Self::File(path) => Ok(of_image(path, of_file(path)?)),
            Self::Host => types::of_host().map(of_host).map_err(|error| error.to_string()),
            Self::Image(image) => {
                types::of_image(image).map(|types| of_image(image, types)).map_err(|error| error.to_string())
            }
            Self::Release(release) => of_release(release),
        })
    }
}

/// The types in a file that the user names.
fn of_file(path: &Path) -> Result<KernelTypes, Failure> {
    types::of_file(path).map_err(|error| match &error {
        types::TypesError::File { error, .. } => Failure::file(&files::name(path), error),
        _ => Failure::bad_input(error),
    })
}

/// The running kernel, as it is to loaders.
fn of_host(types: KernelTypes) -> KernelFacts {
    let mut known = KernelFacts::from(types);
    known.release = facts::release_of_host();
    known.config = Some(KernelConfig::of(facts::config_of_host));
    known.symbols = Some(KernelSymbols::of(facts::symbols_of_host));
    known
}

/// The kernel in an image.
fn of_image(image: &Path, types: KernelTypes) -> KernelFacts {
    let mut known = KernelFacts::from(types);
    known.release = facts::release_of_image(image);
    let image = image.to_owned();
    known.config = Some(KernelConfig::of(move || facts::config_of_image(&image)));
    known
}

/// A release. The running kernel's types are those of its own release before any image's, and those of its series where no image
/// is at hand; what else is known is of the release itself.
fn of_release(release: &'static str) -> Result<KernelFacts, String> {
    let running = kernel_release();
    let host = || types::of_host().map_err(|error| error.to_string());
    if running.split('-').next() == Some(release) {
        return host().map(of_host);
    }
    let mut known = match image_like(release) {
        Ok(image) => of_image(&image, types::of_image(&image).map_err(|error| error.to_string())?),
        Err(_) if KernelVersion::of_release(&running) == KernelVersion::of_release(release) => host()?.into(),
        Err(error) => {
            output::say(format_args!("note: no types of the kernel (--btf FILE names some): {error}"));
            KernelFacts::default()
        }
    };
    known.release = Some(Release::new(release));
    Ok(known)
}
