//! Assembles the port-knocking programs, so that the command carries their objects.

use knockwright_codegen::build_script::{self, EmitError};
use knockwright_programs::knock;

fn main() -> Result<(), EmitError> {
    const SOURCES: &[&str] = &["build.rs"];
    build_script::emit("knock", &knock::program(), SOURCES)?;
    build_script::emit("knock_l3", &knock::program_without_ethernet(), SOURCES)?;
    Ok(())
}
