//! The kernels that a user names: the running one, those in the user's cache, in a folder of the user's, or a file.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use knockwright_asm::KernelVersion;
use knockwright_linux::SERIES;
use knockwright_verifier::Engine;

use crate::cache::{Cache, numbers};
use crate::host::HostEngine;
use crate::qemu::QemuEngine;

/// The environment variable that names a folder of the user's own kernel images, `vmlinuz-VERSION` or `bzImage-VERSION`.
pub const FOLDER: &str = "KNOCKWRIGHT_KERNELS";

/// Which kernels are wanted, as `--kernel` says it.
///
/// Exhaustive by design: every engine has to say what it does of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// `host`: the running one.
    Host,
    /// `6.12`: the newest at hand of a series.
    Series(KernelVersion),
    /// `6.18.15`: this stable release of a series.
    Release(KernelVersion, u32),
    /// `all`: the running one and every series of the catalogue.
    All,
}

impl fmt::Display for Wanted {
    /// As `--kernel` takes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host => f.pad("host"),
            Self::Series(series) => write!(f, "{series}"),
            Self::Release(series, patch) => write!(f, "{series}.{patch}"),
            Self::All => f.pad("all"),
        }
    }
}

impl FromStr for Wanted {
    type Err = KernelsError;

    fn from_str(text: &str) -> Result<Self, KernelsError> {
        match text {
            "host" => Ok(Self::Host),
            "all" => Ok(Self::All),
            text => {
                let series = KernelVersion::of_release(text)
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
    /// A stable release that isn't at hand.
    #[error("{}", missing_release(*series, *patch, newest.as_deref()))]
    MissingRelease {
        /// The series.
        series: KernelVersion,
        /// The number of the release in it.
        patch: u32,
        /// The newest of the series that is at hand.
        newest: Option<String>,
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

/// What to say of a release that isn't at hand, where another of its series may be.
fn missing_release(series: KernelVersion, patch: u32, newest: Option<&str>) -> String {
    let other = newest.map_or_else(String::new, |newest| format!(", but {newest} is: ask for `{series}`"));
    format!(
        "no kernel {series}.{patch} is at hand{other}; to have it, set {FOLDER} to a folder with a `vmlinuz-{series}.{patch}…`"
    )
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
/// [`KernelsError::Missing`] names every series of which no kernel is at hand, [`KernelsError::MissingRelease`] the first
/// release that isn't.
pub fn engines(wanted: &[Wanted]) -> Result<Vec<Box<dyn Engine>>, KernelsError> {
    let mut engines: Vec<Box<dyn Engine>> = Vec::new();
    if wanted.iter().any(|one| matches!(one, Wanted::Host | Wanted::All)) {
        engines.push(Box::new(HostEngine::new()));
    }
    for (name, image) in images(wanted)? {
        engines.push(Box::new(QemuEngine::new(name, image)));
    }
    Ok(engines)
}

/// The images of what is wanted but the running kernel, each with its series as a name, in that order and each once.
///
/// # Errors
/// As [`engines`].
pub fn images(wanted: &[Wanted]) -> Result<Vec<(String, PathBuf)>, KernelsError> {
    let of_one = |one: &Wanted| match one {
        Wanted::Host => Vec::new(),
        Wanted::Series(series) => vec![(*series, None)],
        Wanted::Release(series, patch) => vec![(*series, Some(*patch))],
        Wanted::All => SERIES.map(|series| (series, None)).to_vec(),
    };
    all_found(wanted.iter().flat_map(of_one))
}

/// The images of series and of releases, each with its series as a name and once.
fn all_found(
    wanted: impl IntoIterator<Item = (KernelVersion, Option<u32>)>,
) -> Result<Vec<(String, PathBuf)>, KernelsError> {
    let (mut images, mut missing) = (Vec::new(), Vec::new());
    for (series, patch) in wanted {
        match found(series, patch) {
            Ok(image) if images.iter().any(|(_, seen)| *seen == image) => {}
            Ok(image) => images.push((series.to_string(), image)),
            Err(KernelsError::Missing { series }) if missing.contains(&series[0]) => {}
            Err(KernelsError::Missing { series }) => missing.extend(series),
            Err(error) => return Err(error),
        }
    }
    if missing.is_empty() { Ok(images) } else { Err(KernelsError::Missing { series: missing }) }
}

/// The image of a series, the newest at hand: from the user's folder, else from the cache.
///
/// # Errors
/// [`KernelsError::Missing`] if neither has one.
pub fn image(series: KernelVersion) -> Result<PathBuf, KernelsError> {
    found(series, None)
}

/// The image of a release, or if that isn't at hand the newest of its series.
///
/// # Errors
/// [`KernelsError::Missing`] if there is none of the series either.
pub fn image_like(release: &str) -> Result<PathBuf, KernelsError> {
    let series =
        KernelVersion::of_release(release).ok_or_else(|| KernelsError::Missing { series: Vec::new() })?;
    let patch = numbers(release).get(2).copied();
    patch.map(|patch| found(series, Some(patch))).and_then(Result::ok).map_or_else(|| found(series, None), Ok)
}

/// The image of a series or of one of its releases.
fn found(series: KernelVersion, patch: Option<u32>) -> Result<PathBuf, KernelsError> {
    let is_it = |release: &str| {
        KernelVersion::of_release(release) == Some(series)
            && patch.is_none_or(|patch| numbers(release).get(2) == Some(&patch))
    };
    if let Some(folder) = std::env::var_os(FOLDER)
        && let Some(image) = in_folder(Path::new(&folder), is_it)?
    {
        return Ok(image);
    }
    let kernels = Cache::of_user()?.kernels()?;
    if let Some(kernel) = kernels.iter().rfind(|kernel| is_it(&kernel.release)) {
        return Ok(kernel.image.clone());
    }
    Err(match patch {
        None => KernelsError::Missing { series: vec![series] },
        Some(patch) => {
            let newest = kernels.into_iter().rfind(|kernel| kernel.version == series);
            KernelsError::MissingRelease { series, patch, newest: newest.map(|kernel| kernel.release) }
        }
    })
}

/// The newest image in a folder whose file name has such a release.
fn in_folder(folder: &Path, is_it: impl Fn(&str) -> bool) -> Result<Option<PathBuf>, KernelsError> {
    let file = |error| KernelsError::File { path: folder.to_owned(), error };
    let mut images = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(file)? {
        let entry = entry.map_err(file)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let release =
            ["vmlinuz-", "bzImage-", "vmlinux-"].iter().find_map(|prefix| name.strip_prefix(prefix));
        if let Some(release) = release.filter(|release| is_it(release)) {
            images.push((numbers(release), entry.path()));
        }
    }
    Ok(images.into_iter().max().map(|(_, image)| image))
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
        let release = KernelsError::MissingRelease {
            series: KernelVersion::new(6, 18),
            patch: 20,
            newest: Some("6.18.15".to_owned()),
        };
        let said = release.to_string();
        assert!(
            said.starts_with("no kernel 6.18.20 is at hand, but 6.18.15 is: ask for `6.18`; to have it"),
            "{said}"
        );
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
        for release in ["6.12.9", "6.12.10-own"] {
            std::fs::write(folder.join(format!("vmlinuz-{release}")), "").unwrap();
        }
        let of = |start: &'static str| in_folder(&folder, move |release| release.starts_with(start)).unwrap();
        let found = [of("6.12."), of("6.12.9"), of("6.1.")];
        std::fs::remove_dir_all(&folder).unwrap();
        let at = |name: &str| Some(folder.join(name));
        assert_eq!(found, [at("vmlinuz-6.12.10-own"), at("vmlinuz-6.12.9"), None]);
    }
}
