//! Structs of functions that the kernel calls: which of them has a program, and where in the kernel's struct that is.
//!
//! A program's section says only that it's one of some struct. Which one stands in the sections `.struct_ops` and
//! `.struct_ops.link`: each variable there is a struct, and relocations put programs into its members. The verifier takes a
//! program as the member of that name in the kernel's struct of that name.
//!
//! Written from the behaviour of libbpf 1.7 and `kernel/bpf/bpf_struct_ops.c` of the kernel.

use knockwright_asm::linux::errno::{EINVAL, EOPNOTSUPP, ESRCH};
use knockwright_asm::{KernelVersion, ProgType};

use crate::btf::core::{KernelTypes, essential_name};
use crate::btf::{Btf, Field, Kind, SectionVar, TypeId};
use crate::elf_file::{Address, ElfFile, Symbol};
use crate::section_name;

/// What comes before a struct's name in that of the kernel's map of it.
const VALUE: &str = "bpf_struct_ops_";

/// Where a program is called from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// The struct, by its number in the kernel's types.
    pub(super) structure: u32,
    /// The member, by its index in that.
    pub(super) member: u32,
}

/// Why loaders refuse a struct of functions, or a program as one of its members.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StructFault {
    /// No struct of the object has the program.
    #[error("the program is in no struct of functions of the object, so nothing says what it's for")]
    Unused,
    /// The kernel calls no functions of such a struct.
    #[error("the kernel has no struct of functions `{0}`")]
    NoStruct(String),
    /// The kernel's struct has no such member, and the object's isn't empty.
    #[error("the kernel's struct `{structure}` has no member `{member}`")]
    NoMember {
        /// The struct.
        structure: String,
        /// The member.
        member: String,
    },
    /// The kernel's member has another type.
    #[error("member `{member}` of the kernel's struct `{structure}` has another type")]
    OtherType {
        /// The struct.
        structure: String,
        /// The member.
        member: String,
    },
    /// A program stands where no function does, or something else where one does.
    #[error(
        "section {section} has at byte {offset} something else than a program of `struct_ops` in a member for a function"
    )]
    NoProgram {
        /// The section of structs.
        section: String,
        /// The byte in it.
        offset: u64,
    },
    /// The program is in several members, which aren't the same one.
    #[error("the program is in several members of structs, and can be only one")]
    Several,
    /// The kernel makes no structs that are attached by links.
    #[error(
        "section {LINKED} wants structs of functions that links attach, which Linux has since {SINCE_LINKS}"
    )]
    NoLinks,
}

/// The section of structs that links attach.
const LINKED: &str = ".struct_ops.link";
/// The first kernel that has `BPF_F_LINK`, a flag of their maps.
const SINCE_LINKS: KernelVersion = KernelVersion::new(6, 4);

impl StructFault {
    /// The error number with which libbpf 1.7 refuses it, positive.
    pub fn errno(&self) -> i32 {
        match self {
            Self::NoStruct(_) => ESRCH,
            Self::NoMember { .. } | Self::OtherType { .. } => EOPNOTSUPP,
            Self::Unused | Self::NoProgram { .. } | Self::Several | Self::NoLinks => EINVAL,
        }
    }
}

/// The places of an object's programs in the structs of a kernel.
pub(super) struct Structs {
    /// Each program that stands in a member, with where that is or why it's nowhere; `None` if it may be a module's.
    programs: Vec<(Address, Result<Option<Place>, StructFault>)>,
    /// Why loaders refuse the whole object.
    pub(super) refusal: Option<StructFault>,
}

impl Structs {
    /// Those of a kernel with such types, of a series if that is known.
    pub(super) fn of(file: &ElfFile<'_>, kernel: &KernelTypes, series: Option<KernelVersion>) -> Self {
        let mut structs = Self { programs: Vec::new(), refusal: None };
        let Some(btf) = file.btf.as_deref() else { return structs };
        let lacks_links = series.is_some_and(|series| series < SINCE_LINKS);
        let mut unlinked = None;
        for (section, part) in file.sections.iter().enumerate() {
            // Structs after a question mark are made only if the user says so.
            let (name, is_optional) = match part.name.strip_prefix('?') {
                Some(name) => (name, true),
                None => (part.name.as_str(), false),
            };
            if !matches!(name, ".struct_ops" | LINKED) {
                continue;
            }
            if name == LINKED && lacks_links && !is_optional {
                unlinked = Some(StructFault::NoLinks);
            }
            let of_section = btf.iter().flat_map(|(_, kind)| match kind {
                Kind::DataSec { name, vars, .. } if *name == part.name => vars.as_slice(),
                _ => &[],
            });
            for var in of_section {
                let Some(variable) = Variable::of(file, btf, section, var) else { continue };
                let mut own = Vec::new();
                let refusal = variable.place(kernel, &mut own).err();
                if let (Some(fault), true) = (&refusal, is_optional) {
                    own.iter_mut().for_each(|(_, place)| *place = Err(fault.clone()));
                }
                structs.programs.append(&mut own);
                structs.refusal = structs.refusal.or(refusal.filter(|_| !is_optional));
            }
        }
        // Maps are made after all structs have been looked up.
        structs.refusal = structs.refusal.or(unlinked);
        structs
    }

    /// Where a program is called from; `None` if that can't be told.
    pub(super) fn find(&self, entry: &Symbol) -> Result<Option<Place>, StructFault> {
        let mut places = self.programs.iter().filter(|(address, _)| *address == (entry.section, entry.value));
        let (_, first) = places.next().ok_or(StructFault::Unused)?;
        let first = first.clone()?;
        for (_, other) in places {
            if other.clone()? != first {
                return Err(StructFault::Several);
            }
        }
        Ok(first)
    }
}

/// A struct of functions in an object.
struct Variable<'a> {
    file: &'a ElfFile<'a>,
    btf: &'a Btf,
    section: usize,
    /// Its first byte there.
    start: u64,
    /// Its type's name, without flavour.
    name: &'a str,
    size: u32,
    members: &'a [Field],
}

impl<'a> Variable<'a> {
    fn of(file: &'a ElfFile<'_>, btf: &'a Btf, section: usize, var: &SectionVar) -> Option<Self> {
        let Kind::Var { name: of, ty, .. } = btf.get(var.var)? else { return None };
        let Kind::Struct { name, members, size } = btf.get(btf.resolve(*ty))? else { return None };
        // Compilers leave the place to loaders; linkers fill it in.
        let is_it = |symbol: &&Symbol| symbol.section == section && symbol.name == *of;
        let start = file.symbols.iter().find(is_it).map_or(u64::from(var.offset), |symbol| symbol.value);
        Some(Self { file, btf, section, start, name: essential_name(name), size: *size, members })
    }

    /// Where its programs are in the kernel's struct.
    ///
    /// # Errors
    /// If loaders refuse the struct whatever programs it has.
    fn place(
        &self,
        kernel: &KernelTypes,
        programs: &mut Vec<(Address, Result<Option<Place>, StructFault>)>,
    ) -> Result<(), StructFault> {
        for relocation in self.relocations() {
            let (offset, symbol) = relocation;
            programs.push((self.program(offset, symbol)?, Ok(None)));
        }
        let Some((structure, members)) = self.in_kernel(kernel)? else { return Ok(()) };
        for member in self.members {
            let offset = self.start + u64::from(member.bit_offset / 8);
            let filled = self.relocations().position(|(place, _)| place == offset);
            let index = members.iter().position(|other| other.name == member.name);
            let absent =
                || StructFault::NoMember { structure: self.name.to_owned(), member: member.name.clone() };
            let Some(index) = index else {
                match filled {
                    Some(program) => programs[program].1 = Err(absent()),
                    None if !self.is_empty(member) => return Err(absent()),
                    None => {}
                }
                continue;
            };
            let other_type =
                || StructFault::OtherType { structure: self.name.to_owned(), member: member.name.clone() };
            let theirs = &members[index];
            if member.bit_width != 0 || theirs.bit_width != 0 {
                return Err(other_type());
            }
            match pointee(self.btf, member.ty).zip(pointee(kernel.btf(), theirs.ty)) {
                Some((_, to)) => match filled {
                    Some(program) if is_function(kernel.btf(), to) => {
                        programs[program].1 =
                            Ok(Some(Place { structure: structure.0, member: index as u32 }));
                    }
                    Some(program) => programs[program].1 = Err(other_type()),
                    None if self.is_empty(member) => {}
                    None => return Err(StructFault::NoProgram { section: self.section_name(), offset }),
                },
                None if !self.is_alike(member, kernel.btf(), theirs) => return Err(other_type()),
                None => {}
            }
        }
        Ok(())
    }

    /// The kernel's struct of the name with its members; `None` if a module may have it.
    fn in_kernel<'k>(&self, kernel: &'k KernelTypes) -> Result<Option<(TypeId, &'k [Field])>, StructFault> {
        let name = format!("{VALUE}{}", self.name);
        let value_type = Kind::Struct { name: name.clone(), size: 0, members: Vec::new() };
        let found = || {
            let Kind::Struct { members: of_value, .. } = kernel.btf().get(kernel.structure(&name)?)? else {
                return None;
            };
            let id = kernel.structure(self.name)?;
            let Kind::Struct { members, .. } = kernel.btf().get(id)? else { return None };
            of_value.iter().any(|member| member.ty == id).then_some((id, members.as_slice()))
        };
        match found() {
            None if kernel.may_be_in_a_module(&value_type) => Ok(None),
            None => Err(StructFault::NoStruct(self.name.to_owned())),
            found => Ok(found),
        }
    }

    /// The places that relocations fill, with the symbols that they are against.
    fn relocations(&self) -> impl Iterator<Item = (u64, Option<&'a Symbol>)> + '_ {
        let end = self.start.saturating_add(self.size.into());
        let own = move |offset: u64| (self.start..end).contains(&offset);
        let of_section = self.file.relocations.iter().filter(|relocation| relocation.section == self.section);
        of_section
            .filter(move |relocation| own(relocation.offset))
            .map(|relocation| (relocation.offset, self.file.symbols.get(relocation.symbol)))
    }

    /// The program in a member for a function.
    fn program(&self, offset: u64, symbol: Option<&Symbol>) -> Result<Address, StructFault> {
        let is_function_member = |member: &&Field| {
            self.start + u64::from(member.bit_offset / 8) == offset
                && pointee(self.btf, member.ty).is_some_and(|to| is_function(self.btf, to))
        };
        let program = symbol.and_then(|symbol| {
            let section = self.file.section_name(symbol.section);
            let is_one = section_name::meaning(section).is_some_and(|of| of.prog_type == ProgType::StructOps);
            let contains = |entry: &&&Symbol| {
                (entry.value..entry.value.saturating_add(entry.size)).contains(&symbol.value)
            };
            let functions = self.file.functions(symbol.section);
            functions.iter().find(contains).filter(|_| is_one).map(|entry| (entry.section, entry.value))
        });
        match (self.members.iter().find(is_function_member), program) {
            (Some(_), Some(program)) => Ok(program),
            _ => Err(StructFault::NoProgram { section: self.section_name(), offset }),
        }
    }

    /// Whether the object's member is all zeros.
    fn is_empty(&self, member: &Field) -> bool {
        let start = usize::try_from(self.start).unwrap_or(usize::MAX);
        let start = start.saturating_add(member.bit_offset as usize / 8);
        let size = self.btf.size(member.ty).unwrap_or(0) as usize;
        let section = self.file.section(self.section).map_or(&[][..], |section| section.data);
        section.get(start..start.saturating_add(size)).is_none_or(|bytes| bytes.iter().all(|byte| *byte == 0))
    }

    /// Whether members that are no pointers are of the same kind and size.
    fn is_alike(&self, member: &Field, kernel: &Btf, theirs: &Field) -> bool {
        let kinds = (self.btf.get(self.btf.resolve(member.ty)), kernel.get(kernel.resolve(theirs.ty)));
        let same_kind = matches!(kinds, (Some(one), Some(other)) if std::mem::discriminant(one) == std::mem::discriminant(other));
        same_kind && self.btf.size(member.ty) == kernel.size(theirs.ty)
    }

    fn section_name(&self) -> String {
        self.file.section_name(self.section).to_owned()
    }
}

/// What a type is a pointer to.
fn pointee(btf: &Btf, ty: TypeId) -> Option<TypeId> {
    if let Some(Kind::Ptr { to }) = btf.get(btf.resolve(ty)) { Some(btf.resolve(*to)) } else { None }
}

fn is_function(btf: &Btf, ty: TypeId) -> bool {
    matches!(btf.get(ty), Some(Kind::FuncProto { .. }))
}
