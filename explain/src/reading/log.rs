//! One log, read: what is kept of it, and what that says.

use std::collections::BTreeMap;

use knockwright_asm::{AluOp, HelperId, Imm64, Insn, Reg, Source, opcode, text::parse_insn_of};
use knockwright_verifier::log::Summary;
use knockwright_verifier::message::Read;

use super::trail::Trail;
use super::{LogText, UnknownLines};

/// One log of one program.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// The program's name as its loader gave it.
    pub(crate) program: Option<String>,
    /// The error number that the loader reported.
    pub(crate) errno: Option<i32>,
    /// What failed beside the program, as the loader says.
    pub(crate) failed: Option<super::Failed>,
    pub(crate) trail: Trail,
    /// The slot of the last instruction in the log, on whatever path.
    pub(crate) last_insn: Option<usize>,
    /// The lines after the last instruction.
    pub(crate) messages: Vec<String>,
    /// What Linux 7.3 says itself.
    pub(crate) kernel_words: Option<KernelWords>,
    pub(crate) summary: Option<Summary>,
    /// The instructions of the program by slot, as far as the log shows them.
    pub(crate) listing: Vec<Option<(u8, Box<str>)>>,
    /// The source lines of instructions on any path, by slot: indices of [`Trail::sources`].
    pub(crate) listing_sources: BTreeMap<usize, u32>,
    /// The text as it stands, if that is wanted.
    pub(crate) text: LogText,
    /// The states after 64-bit loads on any path, by slot: what their addresses stand for.
    pub(crate) loads: BTreeMap<usize, Box<str>>,
    /// The slots that functions start at.
    pub(crate) functions: Vec<usize>,
    /// The first slots of the paths of functions that are checked by themselves.
    pub(crate) validated: Vec<usize>,
    /// Marks that tell kernels apart.
    pub(crate) signs: Signs,
    /// Lines that are none of the verifier's.
    pub(crate) unknown: UnknownLines,
    /// The lines of the verifier that the log has.
    pub(crate) lines: usize,
    /// How many of them say that a global function is safe: level 1 has those too.
    pub(crate) found_safe: usize,
    /// How many of them stand for an instruction that the verifier counts: those walked, and those found safe.
    pub(crate) walked: u64,
    /// The last path that the log shows has come to its end.
    pub(crate) path_ended: bool,
}

/// Forms of lines that only some kernels print.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Signs {
    pub(super) live_registers: bool,
    pub(super) loops: bool,
    pub(super) live_stack: bool,
    pub(super) stack_listing: bool,
    pub(super) block: bool,
    pub(super) places: bool,
}

/// The block that Linux 7.3 writes after the message.
#[derive(Debug, Default, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct KernelWords {
    /// Such as `Memory Safety`.
    pub category: String,
    /// Such as `Access outside bounds`.
    pub title: String,
    /// The slot of the instruction that it's about, if it shows one.
    pub insn: Option<u32>,
    /// What the verifier can't prove.
    pub reason: String,
    /// The kernel's own advice.
    pub suggestion: String,
    /// Its causal path: instruction, kind and words of each event.
    pub path: Vec<KernelEvent>,
}

/// An event of the kernel's causal path.
#[derive(Debug, Default, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct KernelEvent {
    /// The slot of the instruction.
    pub insn: u32,
    /// Such as `update` or `branch`.
    pub kind: String,
    /// What happened.
    pub text: String,
}

/// The kernels that print such a log, as far as its forms tell.
pub(crate) fn kernel_format(reading: &Reading) -> Option<&'static str> {
    let signs = reading.signs;
    Some(match (signs, reading.trail.knows_dialect(), reading.trail.dialect().name) {
        (Signs { block: true, .. }, ..) => "7.3",
        (Signs { stack_listing: true, .. }, ..) => "7.1 to 7.2",
        (Signs { live_stack: true, .. }, ..) => "6.18 to 7.0",
        (_, true, "5.10") => "5.10 to 5.17",
        (_, true, "6.1") => "5.18 to 6.7",
        (Signs { loops: true, .. }, true, "6.8") => "6.17",
        (Signs { live_registers: true, .. }, true, "6.8") => "6.15 to 6.17",
        (Signs { places: true, .. }, true, "6.8") => "6.9 to 6.17",
        (_, true, "6.8") => "6.8 to 6.17",
        (_, true, _) => "6.8 or later",
        _ => return None,
    })
}

impl Reading {
    /// Whether the path that is shown has its start: that of the program, or of a function that is checked by itself.
    pub(crate) fn has_start(&self) -> bool {
        let first = self.trail.steps().first();
        first.is_some_and(|first| first.slot == 0 || self.validated.contains(&first.slot))
    }

    pub(super) fn list(&mut self, slot: usize, opcode: u8, text: &str) {
        const MOST_SLOTS: usize = 1_000_000;
        if slot >= MOST_SLOTS {
            return;
        }
        if self.listing.len() <= slot {
            self.listing.resize(slot + 1, None);
        }
        if self.listing[slot].is_none() {
            self.listing[slot] = Some((opcode, text.into()));
        }
    }

    /// Remembers the source line that an instruction was shown with first.
    pub(super) fn listed_from(&mut self, slot: usize, source: u32) {
        const MOST_SOURCED: usize = 100_000;
        if self.listing_sources.len() < MOST_SOURCED {
            self.listing_sources.entry(slot).or_insert(source);
        }
    }

    pub(super) fn source(&mut self, file: Option<String>, line: Option<u32>, text: &str) -> u32 {
        self.trail.sources.index_of(file, line, text)
    }

    /// Counts the messages that aren't known, unless the last one is all there is.
    pub(super) fn unknown_messages(&mut self) {
        if self.messages.len() < 2 {
            return;
        }
        let known: Vec<bool> = self.messages.iter().map(|text| Read::of_any(text).is_some()).collect();
        let any = known.contains(&true);
        for (index, text) in self.messages.iter().enumerate() {
            let is_last = index + 1 == self.messages.len();
            if !known[index] && (any || !is_last) {
                self.unknown.push(text);
            }
        }
    }

    /// The message that says why, with its text: the last one that is known.
    pub(crate) fn verdict(&self) -> Option<(Read<'_>, &str)> {
        self.messages.iter().rev().find_map(|text| Some((Read::of(text)?, text.as_str())))
    }

    /// Every message that is known, in order.
    pub(crate) fn known_messages(&self) -> impl Iterator<Item = Read<'_>> {
        self.messages.iter().filter_map(|text| Read::of(text))
    }

    /// The texts of the messages that are known.
    pub(super) fn known_texts(&self) -> impl Iterator<Item = &str> {
        self.messages.iter().map(String::as_str).filter(|text| Read::of(text).is_some())
    }

    /// Whether the log ends as that of an accepted program does: with the summary right after the last path's end, and with
    /// every instruction that was walked. At level 1 it has the summary, after the global functions that are safe; level 2
    /// names the functions before it walks them. No program is accepted without a walk.
    pub(crate) fn ends_as_accepted(&self) -> bool {
        let Some(summary) = self.summary else { return false };
        let is_level_1 = self.lines == 1 + self.found_safe && self.walked == 0;
        self.messages.is_empty()
            && self.kernel_words.is_none()
            && (1..=summary.limit).contains(&summary.insns)
            && (is_level_1 || !self.functions.is_empty() && self.path_ended && self.walked == summary.insns)
    }

    /// Whether the instruction that the message is of is missing: where something is cut out right before the message, or
    /// where fewer instructions are shown than were walked and nothing else tells where the others are.
    pub(crate) fn lacks_the_last_instruction(&self) -> bool {
        let looks_whole = !self.trail.has_gap();
        // Level 2 begins with the functions, and has a line for each instruction walked but perhaps the last.
        let is_short = |summary: &Summary| self.walked + 1 < summary.insns;
        let is_level_2 = !self.functions.is_empty();
        self.trail.ends_in_gap() || looks_whole && is_level_2 && self.summary.as_ref().is_some_and(is_short)
    }

    /// The instruction at a slot of the program, read anew.
    pub(crate) fn decoded(&self, slot: usize) -> Option<Insn> {
        let (opcode, text) = self.listing.get(slot)?.as_ref()?;
        decode(*opcode, text)
    }
}

/// The instruction of a line of the log.
///
/// What the log doesn't show (the helper behind an unknown number, the constant of a map reference) is filled with zero.
fn decode(opcode: u8, text: &str) -> Option<Insn> {
    let text = text.split(" ; ").next().unwrap_or(text).trim();
    let register = || {
        let digits = text.strip_prefix('r')?;
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        Reg::from_number(digits[..end].parse().ok()?)
    };
    match opcode {
        opcode::LD_IMM64 => {
            let value = text.split_once("= ").and_then(|(_, value)| match value.strip_prefix("0x") {
                Some(hex) => u64::from_str_radix(hex, 16).ok(),
                None => value.parse::<i64>().ok().map(i64::cast_unsigned),
            });
            Some(Insn::LoadImm64 { dst: register()?, value: Imm64::Const(value.unwrap_or(0)) })
        }
        opcode::CALL if !text.contains("pc") => {
            let number = text.rsplit_once('#').and_then(|(_, number)| number.parse().ok()).unwrap_or(0);
            if text.contains("kernel-function") {
                return Some(Insn::CallKfunc { btf_id: number, module: 0 });
            }
            Some(parse_insn_of(opcode, text).unwrap_or(Insn::CallHelper { helper: HelperId::new(number) }))
        }
        // `r1 = 5` reads as a move of 64 bits, which is what the opcode says too.
        opcode::MOV64_K => match parse_insn_of(opcode, text) {
            Ok(insn @ Insn::Alu { op: AluOp::Mov, src: Source::Imm(_), .. }) => Some(insn),
            _ => None,
        },
        _ => parse_insn_of(opcode, text).ok(),
    }
}
