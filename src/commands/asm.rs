//! `asm`: kernel syntax to machine code.

use knockwright_asm::text::parse_programs;
use knockwright_asm::{Endian, Program};
use knockwright_codegen::Object;

use crate::cli::{AsmCommand, CodeFormat};
use crate::failure::{Failure, Outcome, Status};
use crate::files;

pub(crate) fn run(args: &AsmCommand) -> Outcome {
    files::say_if_it_waits(&args.file, "lines such as `r0 = 2`");
    let text = files::read_text(&args.file)?;
    let programs = parse_programs(&files::name(&args.file), &text).map_err(Failure::bad_input)?;
    let codes = programs.iter().map(|program| program.bytes(Endian::Little));
    let bytes = match args.format {
        CodeFormat::Hex => codes.flat_map(|code| format!("{}\n", hex::encode(code)).into_bytes()).collect(),
        CodeFormat::Bin => codes.flatten().collect(),
        CodeFormat::Obj => object(&programs)?,
    };
    files::write(&args.output, &bytes)?;
    Ok(Status::Done)
}

fn object(programs: &[Program]) -> Result<Vec<u8>, Failure> {
    let object = programs.iter().fold(Object::new(), Object::program);
    object.finish().map_err(Failure::bad_input)
}
