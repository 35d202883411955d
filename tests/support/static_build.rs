//! Programs in workspaces of their own, which link libbpf and run in guests too.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds what stands in a folder of the repository, where it isn't built yet, and gives the folder of its programs.
///
/// # Errors
/// What the build says, if something that it needs isn't installed.
pub(crate) fn build(folder: &str) -> Result<PathBuf, String> {
    // One for all, which compile libbpf once.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("libbpf-judge");
    let mut cargo = Command::new(env!("CARGO"));
    // Its own settings count, not those of the build around it.
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET", "CARGO_BUILD_RUSTFLAGS"] {
        cargo.env_remove(variable);
    }
    cargo.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    cargo.args(["build", "--quiet", "--release", "--locked", "--target-dir"]).arg(&target);
    let ran = cargo.output().map_err(|error| format!("cargo: {error}"))?;
    if !ran.status.success() {
        let said = String::from_utf8_lossy(&ran.stderr);
        return Err(format!("{folder} needs make, pkg-config, libelf-dev and zlib1g-dev: {said}"));
    }
    Ok(target.join("x86_64-unknown-linux-gnu/release"))
}
