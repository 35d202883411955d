//! Assembles the programs of the five examples.

use knockwright_codegen::{Object, build_script};

/// What the other crate has.
#[path = "../dispatcher/src/program.rs"]
pub mod dispatcher;
/// What the other crate has.
#[path = "../latency-histogram/src/program.rs"]
pub mod latency_histogram;
/// What the other crate has.
#[path = "../port-marker/src/program.rs"]
pub mod port_marker;
/// What the other crate has.
#[path = "../protocol-counter/src/program.rs"]
pub mod protocol_counter;
/// What the other crate has.
#[path = "../rate-limiter/src/program.rs"]
pub mod rate_limiter;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    const SOURCES: &[&str] = &["build.rs", ".."];
    build_script::emit("protocol_counter", &protocol_counter::program()?, SOURCES)?;
    build_script::emit("rate_limiter", &rate_limiter::program()?, SOURCES)?;
    build_script::emit("port_marker", &port_marker::program()?, SOURCES)?;
    let (dispatch, count, drop_all) =
        (dispatcher::dispatch()?, dispatcher::count()?, dispatcher::drop_all()?);
    let object = Object::new().program(&dispatch).program(&count).program(&drop_all);
    build_script::emit_object("dispatcher", object, SOURCES)?;
    let programs = latency_histogram::programs()?;
    let object = programs
        .iter()
        .zip(latency_histogram::SECTIONS)
        .fold(Object::new(), |object, (program, section)| object.program_in(program, section));
    build_script::emit_object("latency_histogram", object, SOURCES)?;
    Ok(())
}
