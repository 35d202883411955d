//! A program as text that [`parse_program`](super::parse_program) reads back.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::insn::{Imm64, Insn};
use crate::print::Names;
use crate::program::{Code, Linkage, Program};

/// The listing of a program: directives, then the instructions with labels at the targets of jumps.
///
/// Reading the text back gives the same machine code, maps and functions. Source lines stand above their instructions as
/// comments, if asked for.
#[derive(Debug, Clone, Copy)]
pub struct Listing<'a> {
    program: &'a Program,
    sources: bool,
    slots: bool,
}

impl<'a> Listing<'a> {
    /// The listing of a program, without source lines.
    pub fn new(program: &'a Program) -> Self {
        Self { program, sources: false, slots: false }
    }

    /// Shows each source line above its instructions.
    pub fn with_sources(mut self) -> Self {
        self.sources = true;
        self
    }

    /// Shows the slot and the opcode before each instruction, as the verifier's log does.
    pub fn with_slots(mut self) -> Self {
        self.slots = true;
        self
    }
}

/// The names at the instruction at hand.
struct AtSlot<'a> {
    /// The slot behind the first of the instruction, where distances count from.
    next: i64,
    names: &'a BTreeMap<i64, String>,
    program: &'a Program,
}

impl Names for AtSlot<'_> {
    fn target(&self, distance: i32) -> Option<&str> {
        self.names.get(&(self.next + i64::from(distance))).map(String::as_str)
    }

    fn map(&self, index: i32) -> Option<&str> {
        let map = self.program.maps.get(usize::try_from(index).ok()?)?;
        is_name(&map.name).then_some(map.name.as_str())
    }
}

/// Whether a name can stand in the text as it is.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || "_.$".contains(c))
}

/// Where an instruction's distance leads, in slots from behind its first slot.
fn distance(code: &Code) -> Option<i32> {
    let Code::Insn(insn) = code else { return None };
    match insn {
        Insn::CallLocal { off } => Some(*off),
        Insn::LoadImm64 { value: Imm64::Func(off), .. } => Some(*off),
        _ => insn.jump_offset(),
    }
}

/// Names for all slots that something leads to: functions by their own, other targets by `L` and the slot.
///
/// Only slots where an instruction starts have names; other distances stay numbers.
fn names(program: &Program) -> BTreeMap<i64, String> {
    let starts: BTreeSet<i64> = program.slots().map(|(slot, _)| slot as i64).collect();
    let mut names = BTreeMap::new();
    for (slot, item) in program.slots() {
        let Some(distance) = distance(&item.code) else {
            continue;
        };
        let target = slot as i64 + 1 + i64::from(distance);
        if starts.contains(&target) {
            names.entry(target).or_insert_with(|| format!("L{target}"));
        }
    }
    names
}

impl fmt::Display for Listing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = self.program;
        writeln!(f, ".program {} {}", program.name, program.prog_type)?;
        writeln!(f, ".license {}", program.license)?;
        for map in &program.maps {
            write!(
                f,
                ".map {} {} key {} value {}",
                map.name,
                map.map_type,
                map.key.size(),
                map.value.size()
            )?;
            write!(f, " entries {}", map.max_entries)?;
            if map.flags != 0 {
                write!(f, " flags {:#x}", map.flags)?;
            }
            if map.pinned {
                f.write_str(" pinned")?;
            }
            if let Some(data) = &map.data {
                write!(f, " data {}", hex::encode(data))?;
            }
            writeln!(f)?;
        }
        writeln!(f)?;
        let names = names(program);
        let mut source = None;
        for (index, (slot, item)) in program.slots().enumerate() {
            for function in program.functions.iter().skip(1).filter(|function| function.start == index) {
                let linkage = match function.linkage {
                    Linkage::Static => "static",
                    Linkage::Global => "global",
                };
                write!(f, "\n.func {} {linkage}", function.name)?;
                for param in &function.params {
                    write!(f, " {param}")?;
                }
                writeln!(f)?;
            }
            if let Some(name) = names.get(&(slot as i64)) {
                writeln!(f, "{name}:")?;
            }
            if self.sources && item.source != source {
                if let Some(line) = &item.source {
                    writeln!(f, "; {} @ {}:{}", line.text, line.file, line.line)?;
                }
                source.clone_from(&item.source);
            }
            let at = AtSlot { next: slot as i64 + 1, names: &names, program };
            f.write_str("    ")?;
            match &item.code {
                Code::Insn(insn) => {
                    if self.slots {
                        write!(f, "{slot}: ({:02x}) ", item.code.encode().0[0].opcode)?;
                    }
                    insn.write_with(f, &at)?;
                }
                raw @ Code::Raw(_) => write!(f, "{raw}")?,
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
