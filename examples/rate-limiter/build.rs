//! Assembles the program, so that the crate carries its object.

use knockwright_codegen::build_script;

/// What the library has too.
#[path = "src/program.rs"]
pub mod program;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    build_script::emit("rate_limiter", &program::program()?, &["build.rs", "src/program.rs"])?;
    Ok(())
}
