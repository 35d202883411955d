//! The types of the kernels that objects are verified for.

use std::path::{Path, PathBuf};

use knockwright_asm::KernelVersion;
use knockwright_codegen::btf::KernelTypes;
use knockwright_kernels::{image_like, types};
use knockwright_loader::privilege::kernel_release;
use knockwright_verifier::Engine;

use crate::failure::Failure;
use crate::files;

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

    /// Reads them. Why there are none is said in one line; only the user's own file has to be there.
    pub(crate) fn read(&self) -> Result<Result<KernelTypes, String>, Failure> {
        let text = |error: types::TypesError| error.to_string();
        Ok(match self {
            Self::File(path) => Ok(of_file(path)?),
            Self::Host => types::of_host().map_err(text),
            Self::Image(image) => types::of_image(image).map_err(text),
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

/// The types of a release. The running kernel's are those of its own release before any image's, and those of its series where
/// no image is at hand.
fn of_release(release: &str) -> Result<KernelTypes, String> {
    let running = kernel_release();
    let host = || types::of_host().map_err(|error| error.to_string());
    if running.split('-').next() == Some(release) {
        return host();
    }
    match image_like(release) {
        Ok(image) => types::of_image(&image).map_err(|error| error.to_string()),
        Err(_) if KernelVersion::of_release(&running) == KernelVersion::of_release(release) => host(),
        Err(error) => Err(error.to_string()),
    }
}
