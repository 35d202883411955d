//! For build scripts: a test for each object of a folder.
//!
//! In `build.rs`, with `knockwright-verifier-cases` among the build dependencies:
//!
//! ```no_run
//! fn main() -> std::io::Result<()> {
//!     knockwright_verifier_cases::build_script::tests_of_objects("objects")
//! }
//! ```
//!
//! In `tests/objects.rs`, a function that takes an object's name and bytes, and the tests that call it:
//!
//! ```ignore
//! fn check(name: &str, object: &[u8]) {
//!     let trials = Trial::of_object(name, object, None).unwrap();
//!     trial::run(&trials, &mut HostEngine::new()).unwrap().assert_passed();
//! }
//!
//! include!(concat!(env!("OUT_DIR"), "/tests_of_objects.rs"));
//! ```

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Writes `tests_of_objects.rs` into the build's folder, with a test for each `*.o` file of a folder, and asks cargo to do so
/// again when the folder changes. A relative path counts from the package's folder, as in every build script.
///
/// The tests are called after the files, with `_` for what can't stand in a name, and call `check(name, bytes)`.
///
/// # Errors
/// If the folder can't be read, has no objects, or has two whose tests would have one name; and what writing says.
#[allow(clippy::print_stdout)] // it's how a build script talks to cargo
pub fn tests_of_objects(folder: impl AsRef<Path>) -> io::Result<()> {
    let folder = folder.as_ref();
    println!("cargo::rerun-if-changed={}", folder.display());
    let out = env::var_os("OUT_DIR")
        .ok_or_else(|| io::Error::other("OUT_DIR isn't set: this is for build scripts"))?;
    fs::write(Path::new(&out).join("tests_of_objects.rs"), tests(folder)?)
}

/// The tests of a folder's objects as Rust.
fn tests(folder: &Path) -> io::Result<String> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", folder.display()));
    let mut by_name: BTreeMap<String, PathBuf> = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(named)? {
        let path = entry.map_err(named)?.path();
        if path.extension() != Some(OsStr::new("o")) {
            continue;
        }
        let path = path.canonicalize().map_err(named)?;
        if let Some(other) = by_name.insert(test_name(&path), path.clone()) {
            let two = format!("{} and {} would be one test", other.display(), path.display());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, two));
        }
    }
    if by_name.is_empty() {
        return Err(named(io::Error::new(io::ErrorKind::NotFound, "no objects (*.o) in this folder")));
    }
    let mut text = String::new();
    for (name, path) in by_name {
        let file = path.file_stem().unwrap_or_default().to_string_lossy();
        // Writing to a String doesn't fail.
        let _ = write!(
            text,
            "#[test]\nfn {name}() {{\n    check({:?}, include_bytes!({:?}));\n}}\n\n",
            file,
            path.display().to_string()
        );
    }
    Ok(text)
}

/// What the test of a file is called.
fn test_name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    format!("object_{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_for_each_object() {
        let folder = env::temp_dir().join(format!("knockwright-objects-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        assert!(tests(&folder).unwrap_err().to_string().contains("no objects"));
        fs::write(folder.join("a-b.o"), "").unwrap();
        fs::write(folder.join("c.h"), "").unwrap();
        let text = tests(&folder).unwrap();
        assert!(
            text.starts_with("#[test]\nfn object_a_b() {\n    check(\"a-b\", include_bytes!(\"/"),
            "{text}"
        );
        assert_eq!(text.matches("#[test]").count(), 1);
        fs::write(folder.join("a_b.o"), "").unwrap();
        assert!(tests(&folder).unwrap_err().to_string().contains("would be one test"));
        fs::remove_dir_all(&folder).unwrap();
        assert!(tests(&folder).unwrap_err().to_string().contains("knockwright-objects"));
    }
}
