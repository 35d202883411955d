//! Writing programs as a relocatable BPF ELF object that every loader takes unchanged.
//!
//! ```text
//! .text               all subprograms, one after the other
//! xdp, classifier, …  the entries, a section for each program type
//! license             "GPL\0"; left out where the licence is empty
//! .rodata, .data      the contents of maps that have some
//! .maps               zeros: a symbol for each map, whose definition is its variable's type in .BTF
//! .BTF                types of maps and functions, strings
//! .BTF.ext            the function and the source line of each instruction
//! .rel…               which instructions need the address of a map or of a function in .text
//! ```
//!
//! What loaders agree on is narrower than ELF: subprograms live in `.text` alone (libbpf looks nowhere else, and aya 0.14
//! confuses functions of two sections), calls into it are relocated and calls inside it aren't, a callback is relocated
//! against the section and never against the function, a map's symbol is global and visible.

mod data;
mod error;
mod functions;
pub(crate) mod lines;
mod maps;
mod write;

use std::borrow::Cow;

use knockwright_asm::{Endian, Program};

pub use error::{Site, WriteError};

use crate::section_name;

/// An object of one or several programs.
///
/// Maps of the same name are one map, which all programs then share; so are subprograms. The order of the programs and of
/// their parts decides the order in the object: the same input gives the same bytes.
///
/// Slots that are no instruction are written as they are. So are kernel functions and variables by BTF id, which make the
/// object one for the kernel with these ids alone.
///
/// ```
/// use knockwright_asm::{Function, Insn, Item, Linkage, ProgType, Program, Reg};
/// use knockwright_codegen::{Object, Report};
///
/// let mut pass = Program::new("pass", ProgType::Xdp);
/// pass.license = "GPL".to_owned();
/// pass.items = [Insn::mov64_imm(Reg::R0, 2), Insn::Exit].map(Item::from).to_vec();
/// pass.functions = vec![Function::new("pass", 0, Linkage::Global)];
/// let bytes = Object::new().program(&pass).finish()?;
/// assert_eq!(Report::read(&bytes)?.programs[0].name, "pass");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Object<'p> {
    programs: Vec<(&'p Program, Option<Cow<'p, str>>)>,
    /// None is little endian, or what a build script knows better.
    endian: Option<Endian>,
}

impl<'p> Object<'p> {
    /// An object without programs, little endian.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a program, in the section that [`section_name::of`] gives its type.
    #[must_use]
    pub fn program(mut self, program: &'p Program) -> Self {
        self.programs.push((program, None));
        self
    }

    /// Adds a program in a section of this name, which should be one that the loaders meant to take it know:
    /// `xdp.frags`, `tracepoint/syscalls/sys_enter_openat`, `cgroup_skb/egress`. In `.text` it's no program but functions that
    /// none of the others needs: those that are global are called from other objects, once `bpftool gen object` has linked both.
    #[must_use]
    pub fn program_in(mut self, program: &'p Program, section: impl Into<Cow<'p, str>>) -> Self {
        self.programs.push((program, Some(section.into())));
        self
    }

    /// Sets the byte order: that of the machine whose kernel is to load the object.
    #[must_use]
    pub fn endian(mut self, endian: Endian) -> Self {
        self.endian = Some(endian);
        self
    }

    /// Sets the byte order where nobody has.
    pub(crate) fn usual_endian(mut self, endian: Endian) -> Self {
        self.endian.get_or_insert(endian);
        self
    }

    /// Writes the object.
    ///
    /// # Errors
    /// [`WriteError`] if the programs contradict each other or hold what an object can't express. It names the program,
    /// the instruction and the source line.
    pub fn finish(self) -> Result<Vec<u8>, WriteError> {
        let mut sections = Vec::with_capacity(self.programs.len());
        for (program, section) in &self.programs {
            let name = match section {
                Some(name) => name.as_ref(),
                None => section_name::of(program.prog_type).ok_or_else(|| WriteError::NoSection {
                    program: program.name.clone(),
                    prog_type: program.prog_type,
                })?,
            };
            if name == write::TEXT {
                continue;
            }
            if is_reserved(name) {
                return Err(WriteError::Section { program: program.name.clone(), section: name.to_owned() });
            }
            sections.push(name);
        }
        let programs: Vec<&Program> = self.programs.iter().map(|&(program, _)| program).collect();
        let license = license(&programs)?;
        let maps = maps::merge(&programs)?;
        let parts = self.programs.iter().map(|(program, section)| functions::Source {
            program,
            has_entry: section.as_deref() != Some(write::TEXT),
        });
        let functions = functions::collect(parts, &maps)?;
        write::write(&functions, &sections, &maps, license, self.endian.unwrap_or_default())
    }
}

/// Whether loaders take a section of this name for something else than a program.
///
/// Source: `EbpfSectionKind::from_name` of aya 0.14, which goes by how the names start.
fn is_reserved(section: &str) -> bool {
    const TAKEN: &[&str] = &[
        ".text", ".maps", ".BTF", ".bss", ".data", ".rodata", ".rel", ".sym", ".str", ".shstr", "license",
        "version", "maps",
    ];
    section.is_empty()
        || !section.bytes().all(|byte| byte.is_ascii_graphic())
        || TAKEN.iter().any(|name| section.starts_with(name))
}

/// The one licence of all programs.
fn license<'p>(programs: &[&'p Program]) -> Result<&'p str, WriteError> {
    let (first, rest) = programs.split_first().ok_or(WriteError::NoPrograms)?;
    if first.license.contains('\0') {
        return Err(WriteError::License { license: first.license.clone() });
    }
    match rest.iter().find(|program| program.license != first.license) {
        None => Ok(&first.license),
        Some(other) => Err(WriteError::Licenses {
            first: first.name.clone(),
            first_license: first.license.clone(),
            second: other.name.clone(),
            second_license: other.license.clone(),
        }),
    }
}
