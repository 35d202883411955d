//! Assembles the programs, so that the crate carries their object.

use knockwright_codegen::{Object, build_script};

/// What the library has too.
#[path = "src/program.rs"]
pub mod program;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let [dispatch, count, drop_all] = [program::dispatch()?, program::count()?, program::drop_all()?];
    let object = Object::new().program(&dispatch).program(&count).program(&drop_all);
    build_script::emit_object("dispatcher", object, &["build.rs", "src/program.rs"])?;
    Ok(())
}
