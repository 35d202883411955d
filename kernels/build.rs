//! Compiles the guest's first process into a static binary that the library embeds, so that an installed `knockwright`
//! needs no compiler to boot a kernel.
//!
//! `guest/` uses only the standard library, so one call of rustc is enough. The musl target is taken where the toolchain has
//! it, else glibc linked statically (Debian's `libc6-dev` and Fedora's `glibc-static` bring what that needs). Where neither
//! works, the library is built without a guest and says so when one is asked for.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=guest");
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(variable("OUT_DIR")).join("guest");
    let attempts = [
        ("x86_64-unknown-linux-musl", None),
        ("x86_64-unknown-linux-gnu", Some("target-feature=+crt-static")),
    ];
    let built = attempts.iter().any(|(target, flags)| compile(target, *flags, &out));
    if !built {
        println!(
            "cargo::warning=no static guest binary: `cases run --kernel VERSION` will not work. Install the target \
             x86_64-unknown-linux-musl, or a static glibc (libc6-dev, glibc-static), and build again"
        );
        std::fs::write(&out, []).unwrap_or_else(|error| panic!("{}: {error}", out.display()));
    }
}

fn variable(name: &str) -> OsString {
    env::var_os(name).unwrap_or_else(|| panic!("cargo sets {name} for build scripts"))
}

fn compile(target: &str, codegen: Option<&str>, out: &Path) -> bool {
    let mut rustc = Command::new(variable("RUSTC"));
    rustc.args(["--edition", "2024", "--crate-name", "guest", "--crate-type", "bin", "--target", target]);
    rustc.args(["-C", "opt-level=s", "-C", "panic=abort", "-C", "strip=symbols", "--cap-lints", "allow"]);
    if let Some(flags) = codegen {
        rustc.args(["-C", flags]);
    }
    rustc.arg("-o").arg(out).arg("guest/main.rs");
    rustc.output().is_ok_and(|output| output.status.success())
}
