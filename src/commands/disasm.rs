//! `disasm`: machine code to kernel syntax.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use knockwright_asm::text::Listing;
use knockwright_asm::{Code, Endian, Function, Item, Linkage, ProgType, Program, decode, decode_hex};
use knockwright_codegen::btf::{Btf, BtfError, Kind};
use knockwright_codegen::{ReadError, read};
use knockwright_verifier_cases::words::did_you_mean;

use crate::cli::Disasm;
use crate::failure::{Failure, Outcome, Status};
use crate::{files, output};

const ELF_MAGIC: &[u8] = b"\x7fELF";

pub(crate) fn run(args: &Disasm) -> Outcome {
    let programs = match (&args.hex, &args.file) {
        (Some(digits), _) => vec![from_hex(digits, "--hex")?],
        (None, Some(file)) => from_file(file, args.program.as_deref())?,
        (None, None) => return Err(Failure::new(Status::Usage, "give an object or --hex")),
    };
    let kfuncs = args.btf.as_deref().map(kernel_functions).transpose()?;
    let mut out = output::plain_stdout();
    for (index, program) in programs.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let mut listing = Listing::new(program);
        if args.source {
            listing = listing.with_sources();
        }
        if args.slots {
            listing = listing.with_slots();
        }
        if let Some(kfuncs) = &kfuncs {
            listing = listing.with_kfuncs(kfuncs);
        }
        write!(out, "{listing}")?;
    }
    Ok(Status::Done)
}

/// The functions of a kernel's BTF by their ids.
fn kernel_functions(file: &Path) -> Result<BTreeMap<i32, String>, Failure> {
    let bad = |error: BtfError| Failure::bad_input(format!("{}: {error}", files::name(file)));
    let btf = Btf::parse(&files::read(file)?, Endian::Little).map_err(bad)?;
    let functions = btf.iter().filter_map(|(id, kind)| match kind {
        Kind::Func { name, .. } => Some((i32::try_from(id.0).ok()?, name.clone())),
        _ => None,
    });
    Ok(functions.collect())
}

fn from_file(file: &Path, wanted: Option<&str>) -> Result<Vec<Program>, Failure> {
    files::say_if_it_waits(file, "an object or hexadecimal digits");
    let bytes = files::read(file)?;
    if bytes.starts_with(ELF_MAGIC) {
        return programs_of(&bytes, &files::name(file), wanted);
    }
    if wanted.is_some() {
        return Err(Failure::bad_input(format!(
            "{}: no ELF object, so it has no programs by name",
            files::name(file)
        )));
    }
    let name = files::name(file);
    match std::str::from_utf8(&bytes) {
        Ok(text) if text.chars().all(|c| c.is_ascii_hexdigit() || c.is_whitespace()) => {
            Ok(vec![from_hex(text, &name)?])
        }
        _ => {
            let code = decode(&bytes, Endian::Little).map_err(|error| {
                Failure::bad_input(format!("{name}: neither an ELF object nor machine code: {error}"))
            })?;
            Ok(vec![nameless(code)])
        }
    }
}

/// The programs of an object, or the one with a name.
pub(crate) fn programs_of(object: &[u8], file: &str, wanted: Option<&str>) -> Result<Vec<Program>, Failure> {
    let bad = |error| unreadable(file, &error);
    match wanted {
        None => read::programs(object).map_err(bad),
        Some(name) => Ok(vec![read::program(object, name).map_err(bad)?]),
    }
}

/// An object that can't be read; a program that isn't in it may be another one's name mistyped.
pub(super) fn unreadable(file: &str, error: &ReadError) -> Failure {
    let meant = match error {
        ReadError::NoProgram { name, programs } => did_you_mean(name, programs.iter().map(String::as_str)),
        _ => String::new(),
    };
    Failure::bad_input(format!("{file}: {error}{meant}"))
}

fn from_hex(digits: &str, source: &str) -> Result<Program, Failure> {
    let code = decode_hex(digits, Endian::Little)
        .map_err(|error| Failure::bad_input(format!("{source}: {error}")))?;
    if code.is_empty() {
        return Err(Failure::bad_input(format!("{source}: no code")));
    }
    Ok(nameless(code))
}

fn nameless(code: Vec<Code>) -> Program {
    let mut program = Program::new("main", ProgType::Xdp);
    program.license = "GPL".to_owned();
    program.items = code.into_iter().map(Item::new).collect();
    program.functions = vec![Function::new("main", 0, Linkage::Global)];
    program
}
