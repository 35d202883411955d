//! Which programs of an object carry everything that a verdict depends on; the others get `unsupported`, by name.

use knockwright_asm::Program;
use knockwright_codegen::read::{self, Choice, Reading};
use knockwright_verifier::Verdict;

use super::disasm::unreadable;
use crate::failure::Failure;

/// The programs of an object that are wanted, as far as they can be read.
pub(crate) fn readings(object: &[u8], file: &str, choice: &Choice<'_>) -> Result<Vec<Reading>, Failure> {
    read::readings_of(object, choice).map_err(|error| unreadable(file, &error))
}

/// The program to ask a verifier about, or the verdict that none can give.
pub(crate) fn whole(reading: &Reading) -> Result<&Program, Verdict> {
    reading.whole().map_err(Verdict::unsupported)
}
