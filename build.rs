//! Assembles the port-knocking program, so that the command carries its object.

use knockwright_codegen::build_script::{self, EmitError};

fn main() -> Result<(), EmitError> {
    build_script::emit("knock", &knockwright_programs::knock::program(), &["build.rs", "programs/src"])?;
    Ok(())
}
