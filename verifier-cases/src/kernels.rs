//! The kernels that cases run on: the running one, those in the user's cache, in a folder of the user's, or a file.

mod cache;
mod fetch;

use std::path::{Path, PathBuf};
use std::str::FromStr;

use knockwright_asm::KernelVersion;

use crate::engine::Engine;
use crate::host::HostEngine;
use crate::kernel_range::{SERIES, version_of_release};
use crate::qemu::QemuEngine;

pub use cache::{Cache, CachedKernel};
pub use fetch::{FetchError, Progress, fetch};

/// The environment variable that names a folder of the user's own kernel images, `vmlinuz-VERSION` or `bzImage-VERSION`.
pub const FOLDER: &str = "KNOCKWRIGHT_KERNELS";

/// Which kernels are wanted, as `--kernel` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// `host`: the running one.
    Host,
    /// `6.12`: the newest at hand of a series.
    Series(KernelVersion),
    /// `6.18.15`: the same in QEMU; in user space, the series as of this release.
    Release(KernelVersion, u32),
    /// `all`: the running one and every series of the catalogue.
    All,
}

impl FromStr for Wanted {
    type Err = KernelsError;

    fn from_str(text: &str) -> Result<Self, KernelsError> {
        match text {
            "host" => Ok(Self::Host),
            "all" => Ok(Self::All),
            text => {
                let series = version_of_release(text)
                    .ok_or_else(|| KernelsError::NotAKernel { text: text.to_owned() })?;
                let patch = text.splitn(3, '.').nth(2).map(|rest| rest.split(|c: char| !c.is_ascii_digit()));
                let patch = patch.and_then(|mut parts| parts.next()?.parse().ok());
                Ok(patch.map_or(Self::Series(series), |patch| Self::Release(series, patch)))
            }
        }
    }
}

/// Why a kernel isn't there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KernelsError {
    /// A word that names no kernel.
    #[error("`{text}` is no kernel: give `host`, `all` or a version like `6.12`")]
    NotAKernel {
        /// As given.
        text: String,
    },
    /// Series that aren't at hand.
    #[error("{}", missing(series))]
    Missing {
        /// All of them.
        series: Vec<KernelVersion>,
    },
    /// The cache's folder isn't known.
    #[error("the cache folder is unknown: set XDG_CACHE_HOME or HOME")]
    NoCacheFolder,
    /// A file or folder can't be read or written.
    #[error("{}: {error}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// The cause.
        #[source]
        error: std::io::Error,
    },
}

/// What to say of kernels that aren't at hand, and how to get them.
fn missing(series: &[KernelVersion]) -> String {
    let names: Vec<String> = series.iter().map(KernelVersion::to_string).collect();
    let [first, ..] = names.as_slice() else { return "no kernel is missing".to_owned() };
    let (what, object) = match names.len() {
        1 => (format!("no kernel {first} is at hand"), "it"),
        _ => (format!("the kernels {} are not at hand", names.join(", ")), "them"),
    };
    format!(
        "{what}: `knockwright cases kernels fetch {}` gets {object}, or set {FOLDER} to a folder with a `vmlinuz-{first}…`",
        names.join(" ")
    )
}

/// The engines for what is wanted, in that order and each once.
///
/// # Errors
/// [`KernelsError::Missing`] names every kernel that isn't at hand.
pub fn engines(wanted: &[Wanted]) -> Result<Vec<Box<dyn Engine + Send>>, KernelsError> {
    let mut engines: Vec<Box<dyn Engine + Send>> = Vec::new();
    let mut series = Vec::new();
    let mut host = false;
    for one in wanted {
        match one {
            Wanted::Host => host = true,
            Wanted::Series(version) | Wanted::Release(version, _) => series.push(*version),
            Wanted::All => {
                host = true;
                series.extend(SERIES);
            }
        }
    }
    if host {
        engines.push(Box::new(HostEngine::new()));
    }
    let (mut seen, mut missing) = (Vec::new(), Vec::new());
    for version in series {
        if seen.contains(&version) {
            continue;
        }
        seen.push(version);
        match image(version) {
            Ok(image) => engines.push(Box::new(QemuEngine::new(version.to_string(), image))),
            Err(KernelsError::Missing { series }) => missing.extend(series),
            Err(error) => return Err(error),
        }
    }
    if missing.is_empty() { Ok(engines) } else { Err(KernelsError::Missing { series: missing }) }
}

/// The image of a series: from the user's folder, else from the cache.
///
/// # Errors
/// [`KernelsError::Missing`] if neither has one.
pub fn image(series: KernelVersion) -> Result<PathBuf, KernelsError> {
    if let Some(folder) = std::env::var_os(FOLDER)
        && let Some(image) = in_folder(Path::new(&folder), series)?
    {
        return Ok(image);
    }
    let cache = Cache::of_user()?;
    let newest = cache.kernels()?.into_iter().rfind(|kernel| kernel.version == series);
    newest.map(|kernel| kernel.image).ok_or_else(|| KernelsError::Missing { series: vec![series] })
}

/// The image of a series in a folder, by its file name.
fn in_folder(folder: &Path, series: KernelVersion) -> Result<Option<PathBuf>, KernelsError> {
    let file = |error| KernelsError::File { path: folder.to_owned(), error };
    let mut images = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(file)? {
        let entry = entry.map_err(file)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let release =
            ["vmlinuz-", "bzImage-", "vmlinux-"].iter().find_map(|prefix| name.strip_prefix(prefix));
        if release.and_then(version_of_release) == Some(series) {
            images.push(entry.path());
        }
    }
    images.sort();
    Ok(images.pop())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_are_named_by_words_and_versions() {
        assert_eq!("host".parse::<Wanted>().unwrap(), Wanted::Host);
        assert_eq!("6.12".parse::<Wanted>().unwrap(), Wanted::Series(KernelVersion::new(6, 12)));
        assert_eq!("6.18.15".parse::<Wanted>().unwrap(), Wanted::Release(KernelVersion::new(6, 18), 15));
        let error = "newest".parse::<Wanted>().unwrap_err().to_string();
        assert!(error.contains("`newest` is no kernel"), "{error}");
    }

    #[test]
    fn all_missing_kernels_are_named_at_once() {
        let version = |minor| KernelVersion::new(2, minor);
        let error = KernelsError::Missing { series: vec![version(4), version(6)] }.to_string();
        assert!(error.starts_with(
            "the kernels 2.4, 2.6 are not at hand: `knockwright cases kernels fetch 2.4 2.6` gets them"
        ));
        let Err(error) = engines(&[Wanted::Series(version(4)), Wanted::Host, Wanted::Series(version(6))])
        else {
            panic!("there are no such kernels")
        };
        assert!(error.to_string().contains("fetch 2.4 2.6` gets them"), "{error}");
    }

    #[test]
    fn images_are_found_by_version() {
        let folder = std::env::temp_dir().join(format!("knockwright-kernels-test-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("vmlinuz-6.12.9"), "").unwrap();
        let found = in_folder(&folder, KernelVersion::new(6, 12)).unwrap();
        let other = in_folder(&folder, KernelVersion::new(6, 1)).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found, Some(folder.join("vmlinuz-6.12.9")));
        assert_eq!(other, None);
    }
}
