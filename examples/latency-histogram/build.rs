//! Assembles the programs, so that the crate carries their object.

use knockwright_codegen::{Object, build_script};

/// What the library has too.
#[path = "src/program.rs"]
pub mod program;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let programs = program::programs()?;
    let object = programs
        .iter()
        .zip(program::SECTIONS)
        .fold(Object::new(), |object, (program, section)| object.program_in(program, section));
    build_script::emit_object("latency_histogram", object, &["build.rs", "src/program.rs"])?;
    Ok(())
}
