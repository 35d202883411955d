//! `asm`: kernel syntax to machine code.

use knockwright_asm::Endian;
use knockwright_asm::text::parse_program;
use knockwright_codegen::Object;

use crate::cli::{AsmCommand, CodeFormat};
use crate::failure::{Failure, Outcome, Status};
use crate::files;

pub(crate) fn run(args: &AsmCommand) -> Outcome {
    files::say_if_it_waits(&args.file, "lines such as `r0 = 2`");
    let text = files::read_text(&args.file)?;
    let program = parse_program(&files::name(&args.file), &text).map_err(Failure::bad_input)?;
    let code = program.bytes(Endian::Little);
    let bytes = match args.format {
        CodeFormat::Hex => format!("{}\n", hex::encode(code)).into_bytes(),
        CodeFormat::Bin => code,
        CodeFormat::Obj => Object::new().program(&program).finish().map_err(Failure::bad_input)?,
    };
    files::write(&args.output, &bytes)?;
    Ok(Status::Done)
}
