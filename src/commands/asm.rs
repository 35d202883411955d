//! `asm`: kernel syntax to machine code.

use knockwright_asm::Endian;
use knockwright_asm::text::{Text, parse_text};
use knockwright_codegen::Object;

use crate::cli::{AsmCommand, CodeFormat};
use crate::failure::{Failure, Outcome, Status};
use crate::{files, output};

pub(crate) fn run(args: &AsmCommand) -> Outcome {
    files::say_if_it_waits(&args.file, "lines such as `r0 = 2`");
    let text = files::read_text(&args.file)?;
    let text = parse_text(&files::name(&args.file), &text).map_err(Failure::bad_input)?;
    for note in &text.notes {
        output::say(format_args!("note: {note}"));
    }
    let endian = text.endian.unwrap_or(Endian::Little);
    let codes = text.programs.iter().map(|parsed| parsed.program.bytes(endian));
    let bytes = match args.format {
        CodeFormat::Hex => codes.flat_map(|code| format!("{}\n", hex::encode(code)).into_bytes()).collect(),
        CodeFormat::Bin => codes.flatten().collect(),
        CodeFormat::Obj => object(&text, endian)?,
    };
    files::write(&args.output, &bytes)?;
    Ok(Status::Done)
}

fn object(text: &Text, endian: Endian) -> Result<Vec<u8>, Failure> {
    let mut object = Object::new().endian(endian);
    for parsed in &text.programs {
        // An object that was taken apart goes together again as it was, so that's said and no failure.
        if let Err(errors) = parsed.program.check_ends() {
            output::say(format_args!("note: {errors}"));
        }
        object = match &parsed.section {
            None => object.program(&parsed.program),
            Some(section) => object.program_in(&parsed.program, section.as_str()),
        };
    }
    object.finish().map_err(Failure::bad_input)
}
