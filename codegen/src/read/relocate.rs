//! The CO-RE relocations of a program, applied to copies of the sections of code.

use std::collections::BTreeMap;
use std::fmt;

use knockwright_asm::Endian;
use knockwright_asm::linux::errno::{E2BIG, EINVAL, ERANGE};

use super::ReadError;
use super::patch::{Outcome, PatchError, patch};
use crate::btf::core::{CoreError, CoreRecord, KernelTypes, Relocator};
use crate::elf_file::{ElfFile, Symbol};

/// An instruction that stands for something that the kernel hasn't. Loaders make it a call of a helper that no kernel has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poisoned {
    /// The slot of the instruction, counted in the program.
    pub slot: usize,
    /// What it stands for. A CO-RE relocation as libbpf writes it: `<byte_off> [7] struct task_struct.nosuch (0:0 @ offset 0)`; of a
    /// call the function's name.
    pub relocation: String,
    /// Why it can't be right.
    pub cause: PoisonCause,
}

/// Why an instruction can't be right on a kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PoisonCause {
    /// The kernel has nothing of the kind.
    Missing,
    /// It reads or writes a member that has another size there, and a sign or no number's type.
    OtherSize,
    /// It calls a function that the kernel hasn't, and the program says that it copes with that.
    NoFunction,
}

impl fmt::Display for Poisoned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { slot, relocation, cause } = self;
        match cause {
            PoisonCause::Missing => {
                write!(f, "instruction {slot}: the kernel has nothing for CO-RE relocation {relocation}")
            }
            PoisonCause::NoFunction => {
                write!(
                    f,
                    "instruction {slot}: the kernel has no function `{relocation}`, or one of another type"
                )
            }
            PoisonCause::OtherSize => write!(
                f,
                "instruction {slot}: the kernel's member has another size, and isn't read alike: CO-RE relocation {relocation}"
            ),
        }
    }
}

/// Why loaders refuse an object for a CO-RE relocation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RelocationFault {
    /// It can't be resolved.
    #[error(transparent)]
    Types(#[from] CoreError),
    /// The instruction doesn't take what belongs there.
    #[error(transparent)]
    Instruction(#[from] PatchError),
    /// It belongs to no whole slot.
    #[error("it's for byte {0}, inside an instruction")]
    Place(u32),
}

impl RelocationFault {
    /// The error number that libbpf 1.7 ends with, positive.
    pub fn errno(&self) -> i32 {
        match self {
            Self::Types(CoreError::BitField) => E2BIG,
            Self::Instruction(PatchError::TooFar(_)) => ERANGE,
            Self::Types(_) | Self::Instruction(_) | Self::Place(_) => EINVAL,
        }
    }
}

/// The code of a program with the values of a kernel.
#[derive(Default)]
pub(super) struct Patched {
    /// There is a kernel whose values it has.
    for_a_kernel: bool,
    /// By their indexes, the sections that differ from the file's.
    sections: BTreeMap<usize, Vec<u8>>,
    /// By section and byte, what can't be right.
    poisoned: BTreeMap<(usize, u64), (String, PoisonCause)>,
}

impl Patched {
    /// Applies the relocations of an entry and of all functions in `.text`, as libbpf does where it loads one program, in the
    /// order of the object.
    pub(super) fn of(
        file: &ElfFile<'_>,
        entry: &Symbol,
        kernel: Option<&KernelTypes>,
    ) -> Result<Self, ReadError> {
        let mut patched = Self { for_a_kernel: kernel.is_some(), ..Self::default() };
        let (Some(kernel), Some(btf)) = (kernel, file.btf.as_deref()) else {
            return Ok(patched);
        };
        let endian = match file.endian {
            Endian::Little => crate::btf::Endian::Little,
            Endian::Big => crate::btf::Endian::Big,
        };
        let mut relocator = Relocator::new(btf, kernel, endian);
        for (section, record) in records(file) {
            let Some(function) = function_of(file, section, record.offset) else {
                continue;
            };
            let is_ours = (function.section, function.value) == (entry.section, entry.value);
            if is_ours || file.section_name(section) == ".text" {
                patched.apply(file, &mut relocator, function, record).map_err(|fault| {
                    ReadError::CoReFault {
                        section: file.section_name(section).to_owned(),
                        slot: record.offset / 8,
                        relocation: Relocator::describe(btf, record).ok(),
                        fault,
                    }
                })?;
            }
        }
        Ok(patched)
    }

    fn apply(
        &mut self,
        file: &ElfFile<'_>,
        relocator: &mut Relocator<'_>,
        function: &Symbol,
        record: &CoreRecord,
    ) -> Result<(), RelocationFault> {
        if record.offset % 8 != 0 {
            return Err(RelocationFault::Place(record.offset));
        }
        let to = relocator.resolve(record)?;
        let section = function.section;
        let own = || file.section(section).map_or_else(Vec::new, |section| section.data.to_vec());
        let code = self.sections.entry(section).or_insert_with(own);
        let end = function.value.saturating_add(function.size).min(code.len() as u64);
        let range = u64::from(record.offset).min(end) as usize..end as usize;
        let outcome = patch(&mut code[range], file.endian, &to)?;
        let cause = match outcome {
            Outcome::Patched => return Ok(()),
            Outcome::Poisoned => PoisonCause::Missing,
            Outcome::OtherSize => PoisonCause::OtherSize,
        };
        let words = file.btf.as_deref().map(|btf| Relocator::describe(btf, record));
        let words = words.and_then(Result::ok).unwrap_or_default();
        self.poisoned.insert((section, record.offset.into()), (words, cause));
        Ok(())
    }

    /// The bytes of a section of code.
    pub(super) fn code<'a>(&'a self, file: &'a ElfFile<'_>, section: usize) -> &'a [u8] {
        match self.sections.get(&section) {
            Some(code) => code,
            None => file.section(section).map_or(&[], |section| section.data),
        }
    }

    /// Whether it has the values of a kernel.
    pub(super) fn is_for_a_kernel(&self) -> bool {
        self.for_a_kernel
    }

    /// What can't be right in a function that starts at a slot of its program.
    pub(super) fn poisoned_of(&self, function: &Symbol, start: usize) -> Vec<Poisoned> {
        let (section, first) = (function.section, function.value);
        let range = (section, first)..(section, first.saturating_add(function.size));
        let poisoned = self.poisoned.range(range).map(|((_, byte), (relocation, cause))| Poisoned {
            slot: start + ((byte - first) / 8) as usize,
            relocation: relocation.clone(),
            cause: *cause,
        });
        poisoned.collect()
    }
}

/// All relocations with the indexes of their sections, in the order of the object.
fn records<'a>(file: &'a ElfFile<'_>) -> impl Iterator<Item = (usize, &'a CoreRecord)> {
    let blocks = file.ext.iter().flat_map(|ext| &ext.core_relocations);
    blocks
        .filter_map(|block| {
            let section = file.sections.iter().position(|section| section.name == block.section)?;
            Some(block.records.iter().map(move |record| (section, record)))
        })
        .flatten()
}

/// The function that an instruction is in.
fn function_of<'a>(file: &'a ElfFile<'_>, section: usize, offset: u32) -> Option<&'a Symbol> {
    let functions = file.functions(section);
    let at = functions.partition_point(|function| function.value <= u64::from(offset));
    let function = functions.get(at.checked_sub(1)?)?;
    (u64::from(offset) < function.value.saturating_add(function.size)).then_some(*function)
}
