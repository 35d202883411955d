//! Which programs of an object carry everything that a verdict depends on; the others get `unsupported`, by name.

use knockwright_asm::{ProgType, Program};
use knockwright_codegen::read::{self, Carried, Choice, Dropped, KernelFacts, Poisoned, ReadError, Reading};
use knockwright_codegen::section_name::{self, Tells};
use knockwright_verifier::{Attempt, Verdict};
use knockwright_verifier_cases::objects;

/// The programs of an object that are wanted, as far as they can be read.
pub(crate) struct Object<'a> {
    bytes: Vec<u8>,
    choice: Choice<'a>,
    /// Its programs by name, with what they need, and without their code: of many objects that would be much.
    pub(crate) outline: Vec<Reading>,
}

impl<'a> Object<'a> {
    pub(crate) fn read(bytes: Vec<u8>, choice: Choice<'a>) -> Result<Self, ReadError> {
        let outline = read::readings_of(&bytes, &choice)?.into_iter().map(outline).collect();
        Ok(Self { bytes, choice, outline })
    }

    /// Whether the object has a program of a name, chosen or not.
    pub(crate) fn has(&self, name: &str) -> bool {
        read::readings(&self.bytes, Some(name)).is_ok()
    }

    /// Whether some program is another on each kernel.
    pub(crate) fn needs_types(&self) -> bool {
        self.outline.iter().any(needs_types)
    }

    /// Whether no kernel can judge any of the programs.
    pub(crate) fn is_beyond_all(&self) -> bool {
        self.outline.iter().all(|reading| !needs_types(reading) && reading.whole().is_err())
    }

    /// The programs made by the types of a kernel, as far as some are known.
    pub(crate) fn made_by(&self, kernel: Option<&KernelFacts>) -> Result<Vec<Reading>, ReadError> {
        read::readings_on(&self.bytes, &self.choice, kernel)
    }
}

/// A program without its code and what goes to a kernel with it.
fn outline(mut reading: Reading) -> Reading {
    reading.program = reading.program.map(|program| Program::new(&program.name, program.prog_type));
    reading.carried = Carried::default();
    reading
}

/// Whether a program is another on each kernel.
fn needs_types(reading: &Reading) -> bool {
    matches!(reading.program, Err(ReadError::CoRe { .. }))
        || reading
            .dropped
            .iter()
            .any(|dropped| matches!(dropped, Dropped::Extern(_) | Dropped::Section(Tells::Target)))
}

/// The program to ask a verifier about, or the verdict where none can be asked: no loader takes the object, or not all comes
/// with the program.
pub(crate) fn whole(reading: &Reading) -> Result<Attempt, Verdict> {
    objects::attempt(reading).map_err(|why| without_asking(reading, why))
}

fn without_asking(reading: &Reading, why: String) -> Verdict {
    let refused = match (&reading.program, reading.dropped.first()) {
        (_, Some(Dropped::Object(fact))) => Some(fact.errno()),
        (Err(error), _) | (Ok(_), Some(Dropped::Extern(error))) => error.loader_errno(),
        _ => None,
    };
    // Others are for more than a name.
    let is_named =
        matches!(section_name::prog_type(&reading.section), Some(ProgType::Tracing | ProgType::Lsm));
    let is_without_target = is_named
        && reading.dropped.contains(&Dropped::Section(Tells::Target))
        && section_name::target(&reading.section).is_none();
    match refused {
        Some(errno) => Verdict::refused(errno, why, 0),
        None if is_without_target => Verdict::unsupported(format!("{why} (--attach TARGET names one)")),
        None => Verdict::unsupported(why),
    }
}

/// Why a program was rejected at an instruction that stands for something that the kernel hasn't, in words: the kernel only
/// says that it doesn't know the helper which loaders put there.
pub(crate) fn poisoned(reading: &Reading, verdict: &Verdict) -> Vec<String> {
    let met = |poisoned: &&Poisoned| verdict.is_rejected() && verdict.insn == Some(poisoned.slot);
    reading.poisoned.iter().filter(met).map(ToString::to_string).collect()
}
