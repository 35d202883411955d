//! Writing objects from a build script.
//!
//! ```no_run
//! # fn pass() -> knockwright_asm::Program { unimplemented!() }
//! // build.rs
//! use knockwright_codegen::build_script;
//!
//! fn main() -> Result<(), build_script::EmitError> {
//!     build_script::emit("pass", &pass(), &["src/pass.rs"])?;
//!     Ok(())
//! }
//! ```
//!
//! The program then takes the object in with
//! `include_bytes!(concat!(env!("OUT_DIR"), "/pass.o"))`.

use std::io;
use std::path::{Path, PathBuf};

use knockwright_asm::{Endian, Program};

use crate::elf::{Object, WriteError};

/// Why a build script got no object.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmitError {
    /// The program can't be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Cargo's `OUT_DIR` isn't set.
    #[error("OUT_DIR is not set: call this from a build script that cargo runs")]
    NoOutDir,
    /// The name has a path in it.
    #[error("`{name}` is no file name: an object is written directly into OUT_DIR")]
    Name {
        /// The name given.
        name: String,
    },
    /// The file can't be written.
    #[error("{}: {reason}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        reason: io::Error,
    },
}

/// Writes a program as `NAME.o` into cargo's `OUT_DIR`, asks cargo to run the build script again when one of `sources`
/// (paths from the package's root) changes, and returns the object's path.
///
/// # Errors
/// [`EmitError`] if the program can't be written as an object, or the object to the disk.
pub fn emit(name: &str, program: &Program, sources: &[&str]) -> Result<PathBuf, EmitError> {
    emit_object(name, Object::new().program(program), sources)
}

/// As [`emit`], for an object of several programs. Its byte order is that of the machine that cargo builds for, unless it has one
/// already.
///
/// # Errors
/// Those of [`emit`].
pub fn emit_object(name: &str, object: Object<'_>, sources: &[&str]) -> Result<PathBuf, EmitError> {
    let out_dir = std::env::var_os("OUT_DIR").ok_or(EmitError::NoOutDir)?;
    let object = object.usual_endian(byte_order(std::env::var("CARGO_CFG_TARGET_ENDIAN").ok().as_deref()));
    for line in rerun_lines(sources) {
        #[allow(clippy::print_stdout)] // it's how a build script talks to cargo
        {
            println!("{line}");
        }
    }
    write_object(Path::new(&out_dir), name, object)
}

/// The byte order that cargo names.
fn byte_order(endian: Option<&str>) -> Endian {
    match endian {
        Some("big") => Endian::Big,
        _ => Endian::Little,
    }
}

fn rerun_lines(sources: &[&str]) -> Vec<String> {
    let line = |source: &&str| format!("cargo::rerun-if-changed={source}");
    sources.iter().map(line).collect()
}

fn write_object(dir: &Path, name: &str, object: Object<'_>) -> Result<PathBuf, EmitError> {
    if name.is_empty() || name.contains(['/', '\\', '\0']) {
        return Err(EmitError::Name { name: name.to_owned() });
    }
    let bytes = object.finish()?;
    let path = dir.join(format!("{name}.o"));
    match std::fs::write(&path, bytes) {
        Ok(()) => Ok(path),
        Err(reason) => Err(EmitError::Io { path, reason }),
    }
}

#[cfg(test)]
mod tests {
    use knockwright_asm::{Function, Insn, Item, Linkage, ProgType, Reg};

    use super::*;

    fn pass() -> Program {
        let mut pass = Program::new("pass", ProgType::Xdp);
        pass.license = "GPL".to_owned();
        pass.items = [Insn::mov64_imm(Reg::R0, 2), Insn::Exit].map(Item::from).to_vec();
        pass.functions = vec![Function::new("pass", 0, Linkage::Global)];
        pass
    }

    #[test]
    fn the_object_stands_in_the_directory() {
        let dir = std::env::temp_dir().join(format!("knockwright-build-script-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let pass = pass();
        let path = write_object(&dir, "pass", Object::new().program(&pass)).unwrap();
        assert_eq!(path, dir.join("pass.o"));
        assert_eq!(std::fs::read(&path).unwrap(), Object::new().program(&pass).finish().unwrap());
        std::fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn the_byte_order_is_that_of_the_target_unless_the_object_has_one() {
        let pass = pass();
        let object = || Object::new().program(&pass);
        let written = |object: Object<'_>| object.finish().unwrap();
        let big = object().usual_endian(byte_order(Some("big")));
        assert_eq!(written(big), written(object().endian(Endian::Big)));
        assert_eq!(written(object().usual_endian(byte_order(None))), written(object()));
        let own = object().endian(Endian::Little).usual_endian(Endian::Big);
        assert_eq!(written(own), written(object()));
    }

    #[test]
    fn cargo_watches_the_sources() {
        let lines = rerun_lines(&["src/a.rs", "build.rs"]);
        assert_eq!(lines, ["cargo::rerun-if-changed=src/a.rs", "cargo::rerun-if-changed=build.rs"]);
    }

    #[test]
    fn a_directory_that_is_not_there_is_named() {
        let pass = pass();
        let object = Object::new().program(&pass);
        let error = write_object(Path::new("/nonexistent"), "pass", object).unwrap_err();
        assert!(error.to_string().starts_with("/nonexistent/pass.o: "), "{error}");
    }

    #[test]
    fn a_path_is_no_name() {
        let result = write_object(Path::new("/nonexistent"), "a/b", Object::new());
        assert!(matches!(result, Err(EmitError::Name { name }) if name == "a/b"));
    }
}
