//! The user's cache of kernels: one folder for each release, with the image and a record of where it is from.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use knockwright_asm::KernelVersion;
use serde::{Deserialize, Serialize};

use crate::wanted::KernelsError;

/// The cache of a user, `knockwright/kernels` in the cache folder.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
}

/// A kernel in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CachedKernel {
    /// Its series.
    pub version: KernelVersion,
    /// The version in full, `6.12.117`.
    pub release: String,
    /// The package that it came from.
    pub package: String,
    /// The image.
    pub image: PathBuf,
    /// Whether its configuration is beside the image, or the package has none.
    pub(crate) config_is_settled: bool,
}

/// What is recorded of a kernel beside its image.
#[derive(Debug, Serialize, Deserialize)]
struct Origin {
    release: String,
    package: String,
    /// The package has no configuration.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    without_config: bool,
}

/// What a package holds of a kernel.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// The image.
    pub image: &'a Path,
    /// The configuration, if it has it.
    pub config: Option<&'a Path>,
}

const IMAGE: &str = "vmlinuz";
/// The name of the configuration beside an image in the cache.
pub(crate) const CONFIG: &str = "config";
const ORIGIN: &str = "origin.json";

impl Cache {
    /// The cache of the user who runs this: under `XDG_CACHE_HOME`, else `~/.cache`.
    ///
    /// # Errors
    /// [`KernelsError::NoCacheFolder`] if the environment names neither.
    pub fn of_user() -> Result<Self, KernelsError> {
        let cache = std::env::var_os("XDG_CACHE_HOME").filter(|folder| !folder.is_empty()).map(PathBuf::from);
        let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
        let cache = cache.or_else(home).ok_or(KernelsError::NoCacheFolder)?;
        Ok(Self::in_folder(cache.join("knockwright").join("kernels")))
    }

    /// A cache in another folder.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The kernels in it, by version; none if the folder isn't there yet. What isn't complete isn't there.
    ///
    /// # Errors
    /// [`KernelsError::File`] if it can't be read.
    pub fn kernels(&self) -> Result<Vec<CachedKernel>, KernelsError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(KernelsError::File { path: self.folder.clone(), error }),
        };
        let mut kernels: Vec<CachedKernel> =
            entries.filter_map(Result::ok).filter_map(|entry| read_kernel(&entry.path())).collect();
        kernels.sort_by_key(|kernel| numbers(&kernel.release));
        Ok(kernels)
    }

    /// Takes a kernel in: its folder appears at once and whole, or not at all.
    ///
    /// # Errors
    /// [`KernelsError::File`] if it can't be written, for a full disk above all.
    pub fn add(&self, release: &str, package: &str, parts: Parts<'_>) -> Result<CachedKernel, KernelsError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |error| KernelsError::File { path, error }
        };
        fs::create_dir_all(&self.folder).map_err(at(&self.folder))?;
        // Removed with what is in it, unless it's moved to its place.
        let staging = tempfile::Builder::new().prefix(&format!(".{release}.")).tempdir_in(&self.folder);
        let staging = staging.map_err(at(&self.folder))?;
        for (part, name) in [(Some(parts.image), IMAGE), (parts.config, CONFIG)] {
            let copy = staging.path().join(name);
            part.map_or(Ok(0), |part| fs::copy(part, &copy)).map_err(at(&copy))?;
        }
        let origin = Origin {
            release: release.to_owned(),
            package: package.to_owned(),
            without_config: parts.config.is_none(),
        };
        let origin = serde_json::to_vec_pretty(&origin).unwrap_or_default();
        fs::write(staging.path().join(ORIGIN), origin).map_err(at(staging.path()))?;
        // Temporary folders are for their owner alone; a cache may be shared.
        fs::set_permissions(staging.path(), fs::Permissions::from_mode(0o755)).map_err(at(staging.path()))?;
        let folder = self.folder.join(release);
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(at(&folder))?;
        }
        fs::rename(staging.path(), &folder).map_err(at(&folder))?;
        read_kernel(&folder).ok_or_else(|| KernelsError::File {
            path: folder,
            error: std::io::Error::other("the kernel is not there after it was written"),
        })
    }
}

fn read_kernel(folder: &Path) -> Option<CachedKernel> {
    let origin: Origin = serde_json::from_slice(&fs::read(folder.join(ORIGIN)).ok()?).ok()?;
    let hidden = folder.file_name()?.to_string_lossy().starts_with('.');
    let image = folder.join(IMAGE);
    let version = KernelVersion::of_release(&origin.release)?;
    let config_is_settled = origin.without_config || folder.join(CONFIG).is_file();
    (!hidden && image.is_file()).then_some(CachedKernel {
        version,
        config_is_settled,
        release: origin.release,
        package: origin.package,
        image,
    })
}

/// Whether an image is one of a cache.
pub(crate) fn is_cached(image: &Path) -> bool {
    image.file_name().is_some_and(|name| name == IMAGE) && image.with_file_name(ORIGIN).is_file()
}

/// The kernel of a cache that an image is, if it's one.
pub(crate) fn of_cached(image: &Path) -> Option<CachedKernel> {
    is_cached(image).then(|| read_kernel(image.parent()?)).flatten()
}

/// The numbers of a version, for comparing.
pub(crate) fn numbers(release: &str) -> Vec<u32> {
    release.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kernels_come_whole_and_sorted() {
        let folder = std::env::temp_dir().join(format!("knockwright-cache-test-{}", std::process::id()));
        let cache = Cache::in_folder(&folder);
        assert_eq!(cache.kernels().unwrap(), []);
        fs::create_dir_all(&folder).unwrap();
        let image = folder.join("downloaded");
        fs::write(&image, "kernel").unwrap();
        let alone = Parts { image: &image, config: None };
        cache.add("6.12.20", "linux-image-a", alone).unwrap();
        let config = folder.join("config-6.12.3");
        fs::write(&config, "CONFIG_HZ=250\n").unwrap();
        let kernel = cache.add("6.12.3", "linux-image-b", Parts { config: Some(&config), ..alone }).unwrap();
        let read = crate::facts::config_of_image(&kernel.image);
        let missing = cache.add("6.1.1", "linux-image-c", Parts { image: &folder.join("missing"), ..alone });
        assert_eq!(read.as_deref(), Some("CONFIG_HZ=250\n"));
        fs::create_dir_all(folder.join("7.0.1")).unwrap();
        let releases: Vec<String> =
            cache.kernels().unwrap().into_iter().map(|kernel| kernel.release).collect();
        let leftovers = fs::read_dir(&folder).unwrap().filter_map(Result::ok);
        let hidden = leftovers.filter(|entry| entry.file_name().to_string_lossy().starts_with('.')).count();
        fs::remove_dir_all(&folder).unwrap();
        assert!(missing.is_err());
        assert_eq!((releases, hidden), (vec!["6.12.3".to_owned(), "6.12.20".to_owned()], 0));
    }
}
