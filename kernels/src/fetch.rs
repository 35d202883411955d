//! Debian's cloud kernels, which boot without modules: fetched with apt into the user's cache, as any user.
//!
//! apt gets a configuration of its own, so that the system's stays as it is: the suites are added to the mirrors that the
//! machine already uses, and the installed archive keyring verifies them. The newest package of a series is resolved from
//! the index, since names change with every update.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use knockwright_asm::KernelVersion;

use crate::cache::{Cache, CachedKernel, Parts, numbers};
use crate::wanted::{FOLDER, KernelsError};

/// What a fetch is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress<'a> {
    /// Reading the package indexes.
    Indexes,
    /// A series is there already, in this release.
    Present(&'a str),
    /// Downloading a package.
    Downloading(&'a str),
    /// A kernel came in.
    Done(&'a str),
    /// A series isn't in the suites any more.
    Gone(KernelVersion),
}

/// Why kernels weren't fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// A program is missing or failed.
    #[error("{program} failed: {message}")]
    Program {
        /// Which program.
        program: &'static str,
        /// What it said last.
        message: String,
    },
    /// The machine has no Debian mirror.
    #[error(
        "apt knows no Debian mirror here; on other systems put kernel images into a folder and name it in {}",
        FOLDER
    )]
    NoMirror,
    /// A package without a kernel image.
    #[error("package {package} holds no kernel image")]
    NoImage {
        /// The package.
        package: String,
    },
    /// The cache.
    #[error(transparent)]
    Cache(#[from] KernelsError),
}

/// Fetches the newest kernel of each series into the cache, and says which came. A series that is gone is skipped by name.
///
/// # Errors
/// [`FetchError`]; kernels that came before it stay in the cache, whole.
pub fn fetch(
    cache: &Cache,
    series: &[KernelVersion],
    mut progress: impl FnMut(Progress<'_>),
) -> Result<Vec<CachedKernel>, FetchError> {
    let apt = Apt::new(&cache.folder().join("apt"))?;
    progress(Progress::Indexes);
    apt.run("apt-get", ["update", "-q", "--error-on=any"])?;
    let known = cache.kernels()?;
    let mut fetched = Vec::new();
    for &series in series {
        let Some(package) = apt.newest(series)? else {
            progress(Progress::Gone(series));
            continue;
        };
        let is_it = |kernel: &&CachedKernel| kernel.release == package.release && kernel.config_is_settled;
        if let Some(present) = known.iter().find(is_it) {
            progress(Progress::Present(&present.release));
            fetched.push(present.clone());
            continue;
        }
        progress(Progress::Downloading(&package.name));
        let (image, config) = apt.download(&package)?;
        let parts = Parts { image: &image, config: config.as_deref() };
        let kernel = cache.add(&package.release, &package.name, parts)?;
        fs::remove_dir_all(apt.downloads()).map_err(|error| file(&apt.downloads(), error))?;
        progress(Progress::Done(&kernel.release));
        fetched.push(kernel);
    }
    Ok(fetched)
}

fn file(path: &Path, error: std::io::Error) -> KernelsError {
    KernelsError::File { path: path.to_owned(), error }
}

/// A package that holds a kernel.
struct Package {
    name: String,
    /// The upstream version, `6.12.117`.
    release: String,
}

/// apt with folders and sources of its own.
struct Apt {
    folder: PathBuf,
}

/// An archive of Debian's.
enum Archive {
    Main,
    Security,
}

/// Debian's suites with the kernels, and the archive of each.
const SUITES: [(&str, Archive); 3] = [
    ("bullseye-security", Archive::Security),
    ("bookworm-security", Archive::Security),
    ("trixie-backports", Archive::Main),
];

const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

impl Apt {
    fn new(folder: &Path) -> Result<Self, FetchError> {
        let mirrors = mirrors()?;
        let (security, main): (Vec<String>, Vec<String>) =
            mirrors.into_iter().partition(|mirror| mirror.trim_end_matches('/').ends_with("-security"));
        let main = main.first().ok_or(FetchError::NoMirror)?;
        // Debian keeps its security archive beside the main one.
        let security =
            security.first().cloned().unwrap_or_else(|| format!("{}-security", main.trim_end_matches('/')));
        let sources: String = SUITES
            .iter()
            .map(|(suite, archive)| {
                let mirror = match archive {
                    Archive::Main => main,
                    Archive::Security => &security,
                };
                format!("deb [signed-by={KEYRING}] {mirror} {suite} main\n")
            })
            .collect();
        let quoted = |path: &Path| path.display().to_string();
        let configuration = format!(
            "Dir::Etc::sourcelist \"{}\";\nDir::Etc::sourceparts \"-\";\nDir::State \"{}\";\n\
             Dir::State::status \"/dev/null\";\nDir::Cache \"{}\";\nAPT::Sandbox::User \"\";\n\
             Acquire::Languages \"none\";\n",
            quoted(&folder.join("sources.list")),
            quoted(&folder.join("state")),
            quoted(&folder.join("cache")),
        );
        for part in ["state/lists/partial", "cache/archives/partial"] {
            let part = folder.join(part);
            fs::create_dir_all(&part).map_err(|error| file(&part, error))?;
        }
        for (name, text) in [("sources.list", sources), ("apt.conf", configuration)] {
            let path = folder.join(name);
            write_anew(&path, &text).map_err(|error| file(&path, error))?;
        }
        Ok(Self { folder: folder.to_owned() })
    }

    fn downloads(&self) -> PathBuf {
        self.folder.join("downloads")
    }

    fn run<I: AsRef<OsStr>>(
        &self,
        program: &'static str,
        arguments: impl IntoIterator<Item = I>,
    ) -> Result<String, FetchError> {
        run(Command::new(program).args(arguments).env("APT_CONFIG", self.folder.join("apt.conf")), program)
    }

    /// The newest package of a series. From 6.19 on the image is in `linux-binary`, and `linux-image` only refers to it.
    fn newest(&self, series: KernelVersion) -> Result<Option<Package>, FetchError> {
        let names = self.run("apt-cache", ["pkgnames", "linux-"])?;
        let mut candidates = Vec::new();
        for kind in ["linux-binary-", "linux-image-"] {
            let start = format!("{kind}{series}.");
            let named =
                names.lines().filter(|name| name.starts_with(&start) && name.ends_with("-cloud-amd64"));
            candidates.extend(named.map(str::to_owned));
            if !candidates.is_empty() {
                break;
            }
        }
        let mut packages = Vec::new();
        for name in candidates {
            let description = self.run("apt-cache", ["show", "--no-all-versions", &name])?;
            let version = description.lines().find_map(|line| line.strip_prefix("Version: "));
            if let Some((release, _)) = version.and_then(|version| version.split_once('-')) {
                packages.push(Package { name, release: release.to_owned() });
            }
        }
        Ok(packages.into_iter().max_by_key(|package| (numbers(&package.release), numbers(&package.name))))
    }

    /// Downloads a package and unpacks its image, and its configuration if it has one.
    fn download(&self, package: &Package) -> Result<(PathBuf, Option<PathBuf>), FetchError> {
        let folder = self.downloads();
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| file(&folder, error))?;
        }
        fs::create_dir_all(&folder).map_err(|error| file(&folder, error))?;
        let configuration = self.folder.join("apt.conf");
        let mut apt_get = Command::new("apt-get");
        apt_get.args(["download", "-q", &package.name]).env("APT_CONFIG", configuration).current_dir(&folder);
        run(&mut apt_get, "apt-get download")?;
        let deb = find(&folder, |name| name.ends_with(".deb"));
        let missing = || FetchError::NoImage { package: package.name.clone() };
        let deb = deb.ok_or_else(missing)?;
        let unpacked = folder.join("unpacked");
        fs::create_dir_all(&unpacked).map_err(|error| file(&unpacked, error))?;
        unpack(&deb, &unpacked, "*/vmlinuz*")?;
        let image = find(&unpacked, |name| name.starts_with("vmlinuz")).ok_or_else(missing)?;
        // tar fails where there is none.
        let _ = unpack(&deb, &unpacked, "*/boot/config-*");
        Ok((image, find(&unpacked, |name| name.starts_with("config-"))))
    }
}

/// Unpacks the files of a package whose paths have a form.
fn unpack(deb: &Path, into: &Path, form: &str) -> Result<(), FetchError> {
    let start = |error| FetchError::Program { program: "dpkg-deb", message: format!("{error}") };
    let mut archive = Command::new("dpkg-deb")
        .arg("--fsys-tarfile")
        .arg(deb)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(start)?;
    let input = archive.stdout.take().map_or_else(Stdio::null, Stdio::from);
    let mut tar = Command::new("tar");
    tar.arg("-C").arg(into).args(["-x", "--wildcards", form]).stdin(input);
    let unpacked_well = run(&mut tar, "tar");
    let status = archive.wait().map_err(start)?;
    unpacked_well?;
    if !status.success() {
        return Err(FetchError::Program { program: "dpkg-deb", message: status.to_string() });
    }
    Ok(())
}

/// Writes a file in the place of what was there, and not through a link.
fn write_anew(path: &Path, text: &str) -> std::io::Result<()> {
    let mut staging = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(path))?;
    staging.write_all(text.as_bytes())?;
    staging.persist(path)?;
    Ok(())
}

/// The archives that apt has indexes of, by its own account.
fn mirrors() -> Result<Vec<String>, FetchError> {
    let mut command = Command::new("apt-get");
    command.args(["indextargets", "--format", "$(ORIGIN) $(REPO_URI)", "Created-By: Packages"]);
    let text = run(&mut command, "apt-get")?;
    let mut mirrors: Vec<String> =
        text.lines().filter_map(|line| line.strip_prefix("Debian ")).map(str::to_owned).collect();
    mirrors.sort();
    mirrors.dedup();
    Ok(mirrors)
}

/// Runs a program to its end and gives its output.
fn run(command: &mut Command, program: &'static str) -> Result<String, FetchError> {
    let output =
        command.output().map_err(|error| FetchError::Program { program, message: error.to_string() })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    // apt's first error has the cause; its last says what it did about it.
    let lines = || stderr.lines().map(str::trim).filter(|line| !line.is_empty());
    let cause =
        lines().find(|line| line.starts_with("E:")).or_else(|| lines().next_back()).unwrap_or("no message");
    Err(FetchError::Program { program, message: format!("{cause} ({})", output.status) })
}

/// The first file with such a name, in a folder or below it.
fn find(folder: &Path, is_it: fn(&str) -> bool) -> Option<PathBuf> {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).ok()?.filter_map(Result::ok) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if is_it(&entry.file_name().to_string_lossy()) {
                return Some(path);
            }
        }
    }
    None
}
