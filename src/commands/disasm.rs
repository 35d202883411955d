//! `disasm`: machine code to kernel syntax.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use knockwright_asm::text::{Listing, visible};
use knockwright_asm::{Code, Endian, Function, Item, Linkage, ProgType, Program, decode, decode_hex};
use knockwright_codegen::btf::{Btf, BtfError, Kind};
use knockwright_codegen::read::{self, Choice, Disassembly, Shown};
use knockwright_codegen::{ReadError, section_name};
use knockwright_verifier_cases::words::did_you_mean;

use crate::cli::{Disasm, Select};
use crate::failure::{Failure, Outcome, Status};
use crate::{files, output};

const ELF_MAGIC: &[u8] = b"\x7fELF";

pub(crate) fn run(args: &Disasm) -> Outcome {
    let kfuncs = args.btf.as_deref().map(kernel_functions).transpose()?;
    let mut writer = Writer { args, kfuncs, out: output::plain_stdout(), is_first: true };
    match (&args.hex, &args.file) {
        (Some(digits), _) => writer.code(from_hex(digits, "--hex")?)?,
        (None, Some(file)) => writer.file(file)?,
        (None, None) => return Err(Failure::new(Status::Usage, "give an object or --hex")),
    }
    Ok(Status::Done)
}

impl Select {
    /// Which programs of an object are meant.
    pub(crate) fn choice<'a>(&'a self, name: Option<&'a str>) -> Choice<'a> {
        Choice { name, section: self.section.as_deref(), prog_type: self.prog_type, ..Choice::default() }
    }
}

/// Writes listings, one after the other.
struct Writer<'a, W> {
    args: &'a Disasm,
    kfuncs: Option<BTreeMap<i32, String>>,
    out: W,
    is_first: bool,
}

impl<W: io::Write> Writer<'_, W> {
    fn file(&mut self, file: &Path) -> Result<(), Failure> {
        files::say_if_it_waits(file, "an object or hexadecimal digits");
        let bytes = files::read(file)?;
        let name = files::name(file);
        if bytes.starts_with(ELF_MAGIC) {
            return self.object(&bytes, &name);
        }
        let select = &self.args.select;
        if self.args.program.is_some() || select.section.is_some() {
            let message = format!("{name}: no ELF object, so it has no programs by name or section");
            return Err(Failure::bad_input(message));
        }
        match std::str::from_utf8(&bytes) {
            Ok(text) if text.chars().all(|c| c.is_ascii_hexdigit() || c.is_whitespace()) => {
                self.code(from_hex(text, &name)?)
            }
            _ => {
                let code = decode(&bytes, Endian::Little).map_err(|error| {
                    Failure::bad_input(format!("{name}: neither an ELF object nor machine code: {error}"))
                })?;
                self.code(nameless(code))
            }
        }
    }

    fn object(&mut self, bytes: &[u8], file: &str) -> Result<(), Failure> {
        let object = Disassembly::read(bytes).map_err(|error| unreadable(file, &error))?;
        for note in object.notes() {
            output::say(format_args!("note: {file}: {}", visible(&note)));
        }
        let choice = self.args.select.choice(self.args.program.as_deref());
        for shown in object.programs(&choice).map_err(|error| unreadable(file, &error))? {
            match shown {
                Ok(shown) => self.program(&shown, object.endian())?,
                Err(error) => output::say(format_args!("note: {file}: {}", visible(&error.to_string()))),
            }
        }
        if let Some(what) = decided_by_types(bytes, &choice) {
            output::say(format_args!(
                "note: {file}: a listing has no types, and what the verifier says depends on some: {}; an object that `asm` \
                 makes of it may have another verdict",
                visible(&what)
            ));
        }
        Ok(())
    }

    fn program(&mut self, shown: &Shown, endian: Endian) -> Result<(), Failure> {
        let mut listing = Listing::new(&shown.program)
            .with_endian(endian)
            .with_notes(&shown.notes)
            .with_comments(&shown.comments);
        if shown.prog_type.is_none() {
            listing = listing.without_type();
        }
        let usual = shown.prog_type.and_then(section_name::of);
        if usual != Some(shown.section.as_str()) {
            listing = listing.with_section(&shown.section);
        }
        self.listing(listing)
    }

    /// Code without an object.
    fn code(&mut self, mut program: Program) -> Result<(), Failure> {
        program.prog_type = self.args.select.prog_type.unwrap_or(program.prog_type);
        self.listing(Listing::new(&program))
    }

    fn listing(&mut self, listing: Listing<'_>) -> Result<(), Failure> {
        let mut listing: Listing<'_> = listing; // it may live as short as the names of kernel functions
        if self.args.source {
            listing = listing.with_sources();
        }
        if self.args.slots {
            listing = listing.with_slots();
        }
        if let Some(kfuncs) = &self.kfuncs {
            listing = listing.with_kfuncs(kfuncs);
        }
        if !self.is_first {
            writeln!(self.out)?;
        }
        self.is_first = false;
        write!(self.out, "{listing}")?;
        Ok(())
    }
}

/// What of an object's programs the verifier judges by types that only the object has.
fn decided_by_types(object: &[u8], choice: &Choice<'_>) -> Option<String> {
    read::readings_of(object, choice).ok()?.iter().find_map(|reading| {
        let (program, records) = (reading.program.as_ref().ok()?, reading.carried.records.as_ref()?);
        let is_global = |function: &&Function| function.linkage == Linkage::Global;
        if let Some(function) = program.functions.iter().skip(1).find(is_global) {
            return Some(format!("the global function `{}`", function.name));
        }
        let btf = Btf::parse(&records.btf, Endian::NATIVE).ok()?;
        let used: BTreeSet<usize> = program.items.iter().filter_map(|item| item.code.map()).collect();
        let maps = program.maps.iter().zip(&reading.carried.map_types).enumerate();
        maps.filter(|(index, _)| used.contains(index)).find_map(|(_, (map, types))| {
            let facts = map.map_type.facts();
            if facts.needs_types {
                return Some(format!("map `{}` of kind {}", map.name, map.map_type));
            }
            let part = btf.special_part(types.as_ref()?.value).filter(|_| facts.takes_types)?;
            Some(format!("map `{}` with {part} in its values", map.name))
        })
    })
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

/// The programs of an object, or the one with a name, without those of which a part only a loader can fill in.
pub(crate) fn programs_of(object: &[u8], file: &str, wanted: Option<&str>) -> Result<Vec<Program>, Failure> {
    let bad = |error: ReadError| unreadable(file, &error);
    let (mut programs, mut first_error) = (Vec::new(), None);
    for reading in read::readings(object, wanted).map_err(bad)? {
        match reading.program {
            Ok(program) if program.externs.is_empty() => programs.push(program),
            Ok(_) => {}
            Err(error) => {
                first_error.get_or_insert(error);
            }
        }
    }
    match first_error {
        Some(error) if programs.is_empty() => Err(bad(error)),
        _ => Ok(programs),
    }
}

/// An object that can't be read; a program that isn't in it may be another one's name mistyped.
pub(super) fn unreadable(file: &str, error: &ReadError) -> Failure {
    let meant = match error {
        ReadError::NoProgram { name, programs } => did_you_mean(name, programs.iter().map(String::as_str)),
        ReadError::NoSection { section, sections } => {
            did_you_mean(section, sections.iter().map(String::as_str))
        }
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
