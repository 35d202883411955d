//! An object as a disassembler shows it: everything that is code, and in words what is more than code.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use knockwright_asm::{Code, Endian, ExternKind, Imm64, Insn, Item, ProgType, Program};

use super::exceptions;
use super::link::{self, Linked};
use super::maps::{self, ShownMaps};
use super::{Choice, ReadError, Told, functions_of_sections, no_such, program_of, words};
use crate::elf_file::{Address, ElfFile, STB_LOCAL, Symbol};

/// An object whose code is shown. Nothing is refused for a part that isn't understood: it's left as the object has it, and
/// named.
pub struct Disassembly<'a> {
    file: ElfFile<'a>,
    maps: ShownMaps,
}

/// A program of an object as far as it can be shown.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Shown {
    /// The program. Its type is that of XDP if the object says none.
    pub program: Program,
    /// The section of its entry.
    pub section: String,
    /// The type that the object or the caller says.
    pub prog_type: Option<ProgType>,
    /// What there is to say of the whole program.
    pub notes: Vec<String>,
    /// What there is to say of instructions, by their indexes in [`Program::items`]: what isn't understood, and what a loader
    /// changes by the kernel's types (CO-RE).
    pub comments: BTreeMap<usize, Vec<String>>,
}

impl<'a> Disassembly<'a> {
    /// Reads an object.
    ///
    /// # Errors
    /// [`ReadError`] if the file is no relocatable BPF object, or if its table of sections is damaged.
    pub fn read(object: &'a [u8]) -> Result<Self, ReadError> {
        let file = ElfFile::parse(object)?;
        let maps = maps::shown(&file);
        Ok(Self { file, maps })
    }

    /// The byte order of the machine that the object is for.
    pub fn endian(&self) -> Endian {
        self.file.endian
    }

    /// What can't be read of the whole object.
    pub fn notes(&self) -> Vec<String> {
        self.file.faults.iter().chain(&self.maps.missing).map(ToString::to_string).collect()
    }

    /// The programs that are wanted: the functions of all sections, in the order of sections and addresses, and after them
    /// those of `.text` that no other calls. Each is read when its turn comes; one without code is an error.
    ///
    /// # Errors
    /// [`ReadError::NoProgram`], [`ReadError::NoSection`] if the choice names something that isn't there, and
    /// [`ReadError::NoPrograms`] if no section holds code.
    pub fn programs<'s>(
        &'s self,
        choice: &Choice<'_>,
    ) -> Result<impl Iterator<Item = Result<Shown, ReadError>> + use<'s, 'a>, ReadError> {
        let file = &self.file;
        let all = functions_of_sections(file);
        if all.is_empty() {
            return Err(ReadError::NoPrograms);
        }
        let whole = choice.name.is_none() && choice.section.is_none();
        let (first, mut rest): (Vec<&Symbol>, Vec<&Symbol>) = match whole {
            true => all.into_iter().partition(|symbol| self.is_entry(symbol)),
            false => (all.iter().copied().filter(|symbol| choice.fits(file, symbol)).collect(), Vec::new()),
        };
        if first.is_empty() && !whole {
            return Err(no_such(file, &functions_of_sections(file), choice));
        }
        // A function that another calls comes with that one, unless they call each other.
        rest.sort_by_key(|symbol| file.is_called(symbol));
        let prog_type = choice.prog_type;
        let mut reached: HashSet<Address> = HashSet::new();
        let last = rest.into_iter().map(|symbol| (symbol, true));
        Ok(first.into_iter().map(|symbol| (symbol, false)).chain(last).filter_map(
            move |(symbol, is_rest)| {
                if is_rest && reached.contains(&(symbol.section, symbol.value)) {
                    return None;
                }
                let handler = exceptions::handler(file, symbol).ok().flatten();
                Some(link::link(file, &self.maps.maps, symbol, None, handler).map(|linked| {
                    reached.extend(linked.symbols.iter().map(|symbol| (symbol.section, symbol.value)));
                    self.show(symbol, linked, prog_type)
                }))
            },
        ))
    }

    /// Whether a function is a program by its place: outside of `.text`, and no static function of another.
    fn is_entry(&self, symbol: &Symbol) -> bool {
        let is_part = symbol.binding == STB_LOCAL && self.file.is_called(symbol);
        self.file.section_name(symbol.section) != ".text" && !is_part
    }

    fn show(&self, entry: &Symbol, mut linked: Linked<'_>, wanted: Option<ProgType>) -> Shown {
        let file = &self.file;
        let section = file.section_name(entry.section).to_owned();
        let told = Told::of(&section, wanted);
        let faults = std::mem::take(&mut linked.faults);
        let core = std::mem::take(&mut linked.core);
        let used = linked.items.iter().filter_map(|item| item.code.map()).collect::<BTreeSet<_>>();
        let prog_type = told.as_ref().map(|told| told.prog_type);
        let program = program_of(file, &self.maps.maps, entry, prog_type.unwrap_or(ProgType::Xdp), linked);
        let mut notes = Vec::new();
        if prog_type.is_none() {
            notes.push(format!("the name of section {section} stands for no program type"));
        }
        let errors = self.maps.errors.iter().enumerate();
        notes.extend(errors.filter_map(|(index, error)| {
            Some(error.as_ref().filter(|_| used.contains(&index))?.to_string())
        }));
        notes.extend(program.externs.iter().map(extern_note));
        let mut comments: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for (index, error) in faults {
            let is_shown = match &error {
                ReadError::CoRe { .. } => true,
                ReadError::Extern { .. } => program.items.get(index).is_some_and(has_form_for_extern),
                _ => false,
            };
            if !is_shown {
                comments.entry(index).or_default().push(error.to_string());
            }
        }
        for (index, record) in core {
            let words = file.btf.as_deref().map(|btf| words::of_core_record(btf, record));
            comments.entry(index).or_default().push(format!("co-re: {}", words.unwrap_or_default()));
        }
        Shown { program, section, prog_type, notes, comments }
    }
}

/// Whether a listing can write the instruction with the name that it refers to.
fn has_form_for_extern(item: &Item) -> bool {
    matches!(
        item.code,
        Code::Insn(Insn::CallKfunc { btf_id: 0, module: 0 } | Insn::LoadImm64 { value: Imm64::Const(_), .. })
    )
}

fn extern_note(named: &knockwright_asm::Extern) -> String {
    let what = match &named.kind {
        ExternKind::Function(_) => "a function of the kernel's",
        ExternKind::Variable(_) => "a variable of the kernel's (.ksyms)",
        ExternKind::Config(_) => "of the kernel's configuration (.kconfig)",
        _ => "defined elsewhere",
    };
    format!("{} is {what}: loaders look it up", named.name)
}
