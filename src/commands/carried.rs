//! Which programs of an object carry everything that a verdict depends on; the others get `unsupported`, by name.

use std::sync::Arc;

use knockwright_codegen::read::{self, Choice, Dropped, KernelFacts, Poisoned, ReadError, Reading};
use knockwright_codegen::section_name::Tells;
use knockwright_verifier::{Attempt, Verdict};
use knockwright_verifier_cases::objects;

use super::disasm::unreadable;
use crate::failure::Failure;
use crate::kernel_types::TypesOf;
use crate::output;

/// The programs of an object that are wanted, as far as they can be read.
pub(crate) struct Object<'a> {
    bytes: Vec<u8>,
    file: String,
    choice: Choice<'a>,
    /// Without the types of a kernel.
    pub(crate) plain: Arc<[Reading]>,
}

impl<'a> Object<'a> {
    pub(crate) fn read(bytes: Vec<u8>, file: String, choice: Choice<'a>) -> Result<Self, Failure> {
        let plain = read::readings_of(&bytes, &choice).map_err(|error| unreadable(&file, &error))?.into();
        Ok(Self { bytes, file, choice, plain })
    }

    /// Whether some program is another on each kernel.
    pub(crate) fn needs_types(&self) -> bool {
        self.plain.iter().any(needs_types)
    }

    /// Whether no kernel can judge any of the programs.
    pub(crate) fn is_beyond_all(&self) -> bool {
        self.plain.iter().all(|reading| !needs_types(reading) && beyond(reading).is_some())
    }

    /// The programs made for a kernel by its types, if they need any and there are some.
    pub(crate) fn made_for(&self, types: &TypesOf) -> Result<Arc<[Reading]>, Failure> {
        if !self.needs_types() {
            return Ok(Arc::clone(&self.plain));
        }
        match types.read()? {
            Ok(kernel) => self.made_by(&kernel),
            Err(why) => {
                output::say(format_args!("note: no types of the kernel (--btf FILE names some): {why}"));
                Ok(Arc::clone(&self.plain))
            }
        }
    }

    /// The programs made by the types of a kernel.
    pub(crate) fn made_by(&self, kernel: &KernelFacts) -> Result<Arc<[Reading]>, Failure> {
        let made = read::readings_on(&self.bytes, &self.choice, Some(kernel));
        made.map(Arc::from).map_err(|error| unreadable(&self.file, &error))
    }

    /// The same for each of some kernels.
    pub(crate) fn made_for_each(&self, kernels: &[TypesOf]) -> Result<Vec<Arc<[Reading]>>, Failure> {
        let mut made: Vec<Arc<[Reading]>> = Vec::with_capacity(kernels.len());
        for (place, types) in kernels.iter().enumerate() {
            let known = kernels[..place].iter().position(|known| known == types);
            made.push(match known {
                Some(known) => Arc::clone(&made[known]),
                None => self.made_for(types)?,
            });
        }
        Ok(made)
    }
}

/// Whether a program is another on each kernel.
fn needs_types(reading: &Reading) -> bool {
    matches!(reading.program, Err(ReadError::CoRe { .. }))
        || reading
            .dropped
            .iter()
            .any(|dropped| matches!(dropped, Dropped::Extern(_) | Dropped::Section(Tells::Target)))
}

/// The program to ask a verifier about, or why none can be asked.
pub(crate) fn whole(reading: &Reading) -> Result<Attempt, Verdict> {
    objects::attempt(reading).map_err(|why| without_asking(reading, why))
}

/// The verdict on a program that no verifier is asked about: no loader takes the object, or not all comes with the program.
pub(crate) fn beyond(reading: &Reading) -> Option<Verdict> {
    reading.whole().err().map(|why| without_asking(reading, why))
}

fn without_asking(reading: &Reading, why: String) -> Verdict {
    let refused = match (&reading.program, reading.dropped.first()) {
        (Err(error), _) | (Ok(_), Some(Dropped::Extern(error))) => error.loader_errno(),
        _ => None,
    };
    match refused {
        Some(errno) => Verdict::refused(errno, why, 0),
        None => Verdict::unsupported(why),
    }
}

/// Why a program was rejected at an instruction that stands for something that the kernel hasn't, in words: the kernel only
/// says that it doesn't know the helper which loaders put there.
pub(crate) fn poisoned(reading: &Reading, verdict: &Verdict) -> Vec<String> {
    let met = |poisoned: &&Poisoned| verdict.is_rejected() && verdict.insn == Some(poisoned.slot);
    reading.poisoned.iter().filter(met).map(ToString::to_string).collect()
}
