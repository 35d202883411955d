//! What an explanation consists of: the contract's JSON, and what the pictures need beside it.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::class::{Blame, Class, Remedy};
use crate::derivation::Derivation;
use crate::reading::{KernelWords, LogText, SourceText, UnknownLines};

/// Why a program was rejected.
///
/// Serialised, it is the JSON of `knockwright explain --format json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Diagnosis {
    /// The number of its log in the input, from 1.
    pub log: usize,
    /// The how-manieth log of a program of this name it is, from 1; none if the loader gave no name.
    pub attempt: Option<usize>,
    /// The number of the first log that tells the same fault, of the same program as far as the names say; none if this is it.
    pub same_as: Option<usize>,
    /// The class, by the slug of the catalogue.
    #[serde(serialize_with = "slug")]
    pub class: Class,
    /// What the class is, in one line.
    pub title: &'static str,
    /// Who has to change.
    pub blame: Blame,
    /// The program's name, if the loader gave it.
    pub program: Option<String>,
    /// The kernels that print such a log.
    pub kernel_format: Option<&'static str>,
    /// The slot of the instruction; none if the code was refused before it was walked.
    pub insn: Option<usize>,
    /// The register that the fault is about, `r7`.
    pub register: Option<String>,
    /// The verifier's message, as the log has it.
    pub message: String,
    /// The error number, if the loader gave it.
    pub errno: Option<i32>,
    /// The source line of the instruction.
    pub source: Option<SourceText>,
    /// How it came to that, in the order of the program.
    pub cause: Vec<Cause>,
    /// Where the numbers of the message come from.
    pub derivation: Option<Derivation>,
    /// The weakest condition with which the program passes.
    pub guard: Option<Guard>,
    /// What to do, in words.
    pub fix: String,
    /// What to do, by the language of the program.
    pub remedy: Option<Remedy>,
    /// The lesson to read: `knockwright learn LESSON`.
    pub lesson: Option<&'static str>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
    /// What Linux 7.3 says itself.
    pub kernel: Option<KernelWords>,
    /// Lines that are none of the verifier's, or that nobody knows.
    pub unknown_lines: UnknownLines,
}

fn slug<S: Serializer>(class: &Class, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(class.slug())
}

/// An instruction of the story.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Cause {
    /// The slot of the instruction.
    pub insn: usize,
    /// Its text in the kernel's syntax.
    pub text: String,
    /// What the register held after it, as the log writes it; empty if the log doesn't show it.
    pub state: String,
    /// What it did.
    pub why: String,
    /// The source line that it was compiled from, if the log shows one.
    pub source: Option<SourceText>,
}

/// A condition with which the program passes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Guard {
    /// The register to compare, `r1`.
    pub register: String,
    /// The slot of the instruction before which the comparison goes.
    pub insn: usize,
    /// What must hold, `r1 <= 19`.
    pub condition: String,
    /// The number in it; none for a comparison with NULL.
    pub limit: Option<i64>,
    /// Whether a verifier accepted the program with the guard and rejected it with the next weaker one.
    pub checked: bool,
    /// What the check found, or why there was none.
    pub evidence: String,
    /// The guard in the kernel's syntax.
    pub asm: String,
    /// The guard in knockwright's DSL.
    pub dsl: String,
    /// The guard in C, if the source is C.
    pub c: Option<String>,
    /// The bound that the data's own type asks for, where it's narrower.
    pub stricter: Option<Stricter>,
}

/// A bound that the type of the data asks for.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Stricter {
    /// The member, `seq.ports[10]`.
    pub field: String,
    /// What should hold, `r1 <= 9`.
    pub condition: String,
    /// The number in it.
    pub limit: i64,
}

/// What the pictures need: the program, the path and the accessed object.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct Trace {
    /// The instructions that the log shows, by slot: opcode and text.
    pub listing: Vec<(usize, u8, String)>,
    /// The source lines of instructions, by slot, as far as the log or the object shows them.
    pub sources: BTreeMap<usize, SourceText>,
    /// The log itself, if the explainer was told to keep it.
    pub log: LogText,
    /// The slots that functions start at.
    pub functions: Vec<usize>,
    /// The path that failed, oldest first; a long path keeps its end.
    pub path: Vec<TraceStep>,
    /// How many steps before those aren't here.
    pub left_out: usize,
    /// The object that is accessed, if one is.
    pub ruler: Option<Ruler>,
}

/// An instruction on the path.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TraceStep {
    /// The slot of the instruction.
    pub insn: usize,
    /// The instruction in the kernel's syntax.
    pub text: String,
    /// The frame: 0 for the program itself.
    pub frame: u32,
    /// Whether a jump was taken.
    pub taken: bool,
    /// The source line that it was compiled from, if the log shows one.
    pub source: Option<SourceText>,
    /// The registers that the log shows after it.
    pub registers: Vec<TraceRegister>,
}

/// A register after an instruction.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TraceRegister {
    /// Its number, 0 to 10.
    pub register: u8,
    /// Its state as the log writes it.
    pub state: String,
    /// The smallest and the largest value, or offset of a pointer, if both are known.
    pub range: Option<(i64, i64)>,
    /// The kind: `scalar`, `map_value`, `pkt`, …
    pub kind: String,
}

/// An object with the window of an access.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Ruler {
    /// What it is: `config_map's value`.
    pub name: String,
    /// Its size in bytes.
    pub size: i64,
    /// Its members, where the type is known.
    pub fields: Vec<Field>,
    /// The first byte that may be accessed.
    pub first: i64,
    /// The byte behind the last one that may be accessed.
    pub end: i64,
    /// The bytes of one access.
    pub access: i64,
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Field {
    /// Its name with the names of the structs around it: `seq.ports`.
    pub name: String,
    /// Its offset in bytes.
    pub offset: u32,
    /// Its size in bytes.
    pub size: u32,
    /// How many elements it has, for an array.
    pub elements: Option<u32>,
}

/// What there is to say of one log.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Explanation {
    /// What went wrong, why, and what helps.
    pub diagnosis: Diagnosis,
    /// What the pictures need.
    pub trace: Trace,
}
