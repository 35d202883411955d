//! libbpf as a judge: the objects of `tests/objects/programs`, compiled by each clang that is here, and what libbpf and the
//! running kernel say of them.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use knockwright_kernels::qemu::{GuestCommand, GuestStatus, Stream};
use serde::Deserialize;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The versions of clang that objects are compiled with: Debian's oldest, its usual and its newest.
pub(crate) const CLANGS: [u32; 3] = [14, 19, 22];

/// How long a guest may take: a hundred times what it takes on a machine that does nothing else.
const GUEST_TIMEOUT: Duration = Duration::from_secs(600);

/// A compiler that is installed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Clang {
    /// Its major version.
    pub(crate) version: u32,
    command: String,
}

impl Clang {
    /// Those of the versions that are installed.
    pub(crate) fn installed() -> Vec<Self> {
        let clangs = CLANGS.map(|version| Self { version, command: format!("clang-{version}") });
        clangs
            .into_iter()
            .filter(|clang| Command::new(&clang.command).arg("--version").output().is_ok())
            .collect()
    }

    /// Compiles a source, if this version can.
    ///
    /// # Panics
    /// With the compiler's messages, if it fails or warns.
    fn compile(&self, source: &Path, folder: &Path) -> Option<PathBuf> {
        let text = std::fs::read_to_string(source).unwrap();
        let wish = Wish::of(&text);
        if self.version < wish.since {
            return None;
        }
        let object = folder.join(source.file_stem().unwrap()).with_extension("o");
        let unused = ["-Wno-unused-function", "-Wno-unused-const-variable"];
        let flags = ["-target", wish.target].into_iter().chain(unused).chain(wish.flags);
        self.compile_with(source, &object, flags);
        Some(object)
    }

    /// Compiles a source, with these flags after the usual ones.
    ///
    /// # Panics
    /// With the compiler's messages, if it fails or warns.
    #[track_caller]
    pub(crate) fn compile_with<'a>(
        &self,
        source: &Path,
        object: &Path,
        flags: impl IntoIterator<Item = &'a str>,
    ) {
        let mut command = Command::new(&self.command);
        command.args([
            "-O2",
            "-g",
            "-mcpu=v3",
            "-Wall",
            "-Werror",
            "-target",
            "bpf",
            &crate::support::headers(),
        ]);
        let ran = command.args(flags).arg("-c").arg(source).arg("-o").arg(object).output().unwrap();
        assert!(ran.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&ran.stderr));
    }
}

/// What a source's comments ask of its compiler.
#[derive(Debug, PartialEq)]
struct Wish<'a> {
    /// `// clang: N`, the oldest version that can compile it.
    since: u32,
    /// `// flags: …`, after all others.
    flags: Vec<&'a str>,
    /// `// target: …`
    target: &'a str,
}

impl<'a> Wish<'a> {
    fn of(source: &'a str) -> Self {
        let value = |key: &str| {
            source.lines().find_map(|line| line.strip_prefix("// ")?.strip_prefix(key)?.strip_prefix(": "))
        };
        Self {
            since: value("clang").map_or(0, |version| version.parse().expect("a version of clang")),
            flags: value("flags").map_or_else(Vec::new, |flags| flags.split_whitespace().collect()),
            target: value("target").unwrap_or("bpf"),
        }
    }
}

/// Compiles the sources of `tests/objects/programs` into a folder, by each compiler into its own.
pub(crate) fn compile(clangs: &[Clang], into: &Path) -> BTreeMap<Clang, Vec<PathBuf>> {
    let folder = Path::new(ROOT).join("tests/objects/programs");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut sources: Vec<_> = files.filter(|path| path.extension() == Some(OsStr::new("c"))).collect();
    sources.sort();
    let compile = |clang: &Clang| {
        let folder = into.join(format!("clang-{}", clang.version));
        std::fs::create_dir_all(&folder).unwrap();
        let objects = sources.iter().filter_map(|source| clang.compile(source, &folder)).collect();
        (clang.clone(), objects)
    };
    thread::scope(|scope| {
        let threads: Vec<_> = clangs.iter().map(|clang| scope.spawn(move || compile(clang))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// One program's row, of the judge's or of `verify --format jsonl`.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Row {
    /// The object's file.
    pub(crate) object: Option<String>,
    /// None or empty of a whole object.
    pub(crate) program: Option<String>,
    /// The kernel as it was asked for; the judge has its release.
    pub(crate) kernel: Option<String>,
    pub(crate) verdict: String,
    pub(crate) errno: i32,
    pub(crate) insn: Option<usize>,
    pub(crate) message: String,
    pub(crate) processed: Option<u64>,
    /// Why libbpf has no verdict.
    pub(crate) reason: Option<String>,
    /// What the program names that the kernel hasn't, as `verify` says it.
    #[serde(default)]
    pub(crate) poisoned: Vec<String>,
}

impl Row {
    /// The rows of a command's output.
    pub(crate) fn read_all(lines: &str) -> Vec<Self> {
        lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
            .collect()
    }

    /// Whether `ours` says the same in its message. libbpf writes over the kernel's line where a program was rejected for something
    /// that the kernel hasn't; `verify` has the kernel's line, and the same words beside it.
    pub(crate) fn says_as(&self, ours: &Self) -> bool {
        let name_of_function =
            || self.message.strip_prefix("kfunc '")?.strip_suffix("' is referenced but wasn't resolved");
        let relocation = self.message.strip_prefix("failed to resolve CO-RE relocation ");
        let named =
            relocation.map(str::to_owned).or_else(|| name_of_function().map(|name| format!("`{name}`")));
        match named {
            Some(named) => {
                ours.message.starts_with("invalid func unknown#")
                    && ours.poisoned.iter().any(|words| words.contains(&named))
            }
            None => self.message == ours.message,
        }
    }

    /// Whether it says that a verifier took or refused the program.
    pub(crate) fn is_verdict(&self) -> bool {
        ["accept", "reject"].contains(&self.verdict.as_str())
    }
}

/// The judge's program, built where it isn't yet.
#[derive(Debug)]
pub(crate) struct Judge(PathBuf);

impl Judge {
    /// Builds it.
    ///
    /// # Errors
    /// What the build says, if something that it needs isn't installed.
    pub(crate) fn build() -> Result<Self, String> {
        Ok(Self(crate::support::static_build::build("tests/libbpf-judge")?.join("libbpf-judge")))
    }

    /// What it says of the programs of objects on a kernel in QEMU.
    pub(crate) fn ask_in_guest(&self, objects: &[&Path], image: &Path) -> Vec<Row> {
        let arguments: Vec<_> = objects.iter().map(|object| object.as_os_str().to_owned()).collect();
        let command = GuestCommand::new(&self.0, &arguments, GUEST_TIMEOUT).unwrap();
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let ran = command.run(image, |stream, bytes| match stream {
            Stream::Stdout => stdout.extend_from_slice(bytes),
            Stream::Stderr => stderr.extend_from_slice(bytes),
        });
        let said = String::from_utf8_lossy(&stderr);
        assert_eq!(ran.unwrap().status, GuestStatus::Exit(0), "{said}");
        Row::read_all(&String::from_utf8(stdout).unwrap())
    }

    /// What it says of each program of an object, in the object's order.
    pub(crate) fn ask(&self, object: &Path) -> Vec<Row> {
        let ran = Command::new(&self.0).arg(object).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        Row::read_all(&String::from_utf8(ran.stdout).unwrap())
    }
}

#[test]
fn a_source_says_what_it_needs() {
    let wish = Wish::of("// A sentence.\n// clang: 18\n// flags: -mcpu=v4 -g0\n\n#include <x.h>\n");
    assert_eq!(wish, Wish { since: 18, flags: vec!["-mcpu=v4", "-g0"], target: "bpf" });
    assert_eq!(Wish::of("// target: bpfeb\n").target, "bpfeb");
}
