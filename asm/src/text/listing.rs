//! A program as text that [`parse_program`](super::parse_program) reads back.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::escape;
use crate::insn::{Imm64, Insn};
use crate::print::Names;
use crate::program::{Code, Linkage, MapDef, Program};
use crate::types::Prototype;
use knockwright_linux::kfunc::{ASKED, Kfunc};

/// The listing of a program: directives, then the instructions with labels at the targets of jumps.
///
/// Reading the text back gives the same machine code, maps and functions; where two maps or two functions have one name, the
/// second is called `NAME.2`. Source lines stand above their instructions as comments, if asked for. No character of a name
/// or a source line does anything to a terminal.
#[derive(Debug, Clone, Copy)]
pub struct Listing<'a> {
    program: &'a Program,
    sources: bool,
    slots: bool,
    kfuncs: Option<&'a BTreeMap<i32, String>>,
}

impl<'a> Listing<'a> {
    /// The listing of a program, without source lines.
    pub fn new(program: &'a Program) -> Self {
        Self { program, sources: false, slots: false, kfuncs: None }
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

    /// Shows calls of kernel functions by the names that belong to BTF ids, and above each what is known of the function.
    pub fn with_kfuncs(mut self, names: &'a BTreeMap<i32, String>) -> Self {
        self.kfuncs = Some(names);
        self
    }

    /// What is known of the kernel function that an instruction calls.
    fn write_kfunc(&self, f: &mut fmt::Formatter<'_>, code: &Code) -> fmt::Result {
        let Code::Insn(Insn::CallKfunc { btf_id, module: 0 }) = code else { return Ok(()) };
        let name = self.kfuncs.and_then(|names| names.get(btf_id));
        let Some(kfunc) = name.and_then(|name| Kfunc::named(name)) else { return Ok(()) };
        // The kernels before are not all asked.
        write!(f, "; {}, in {} and later", kfunc.prototype(), kfunc.since)?;
        if let Some(until) = kfunc.until {
            write!(f, ", until {until}")?;
        }
        if !kfunc.programs.contains(self.program.prog_type) && ASKED.contains(self.program.prog_type) {
            write!(f, ", not for {}", self.program.prog_type)?;
        }
        writeln!(f)
    }
}

/// The names at the instruction at hand.
struct AtSlot<'a> {
    /// The slot after the instruction's first, where distances count from.
    next: i64,
    names: &'a BTreeMap<i64, String>,
    maps: &'a [String],
    kfuncs: Option<&'a BTreeMap<i32, String>>,
}

impl Names for AtSlot<'_> {
    fn target(&self, distance: i32) -> Option<&str> {
        self.names.get(&(self.next + i64::from(distance))).map(String::as_str)
    }

    fn map(&self, index: i32) -> Option<&str> {
        self.maps.get(usize::try_from(index).ok()?).map(String::as_str)
    }

    fn kfunc(&self, id: i32, module: i16) -> Option<&str> {
        self.kfuncs.filter(|_| module == 0)?.get(&id).map(String::as_str)
    }
}

/// Names as words, each once: what has a name that was there before gets a number after it.
fn words<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names
        .map(|name| {
            let word = escape::word(name);
            let numbered = (2..).map(|number: u32| format!("{word}.{number}"));
            let free =
                [word.clone().into_owned()].into_iter().chain(numbered).find(|name| !seen.contains(name));
            let free = free.unwrap_or_default(); // the numbers don't end
            seen.insert(free.clone());
            free
        })
        .collect()
}

/// Where an instruction's distance leads, in slots from the one after its first.
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

fn write_map(f: &mut fmt::Formatter<'_>, map: &MapDef, name: &str) -> fmt::Result {
    write!(f, ".map {name} {} key {} value {}", map.map_type, map.key.size(), map.value.size())?;
    write!(f, " entries {}", map.max_entries)?;
    if map.flags != 0 {
        write!(f, " flags {:#x}", map.flags)?;
    }
    if map.pinned {
        f.write_str(" pinned")?;
    }
    if let Some(data) = &map.data {
        write!(f, " data {}", escape::word(&hex::encode(data)))?;
    }
    writeln!(f)
}

impl fmt::Display for Listing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = self.program;
        writeln!(f, ".program {} {}", escape::word(&program.name), program.prog_type)?;
        writeln!(f, ".license {}", escape::rest_of_line(&program.license))?;
        let maps = words(program.maps.iter().map(|map| map.name.as_str()));
        for (map, name) in program.maps.iter().zip(&maps) {
            write_map(f, map, name)?;
        }
        writeln!(f)?;
        let names = names(program);
        let functions = words(program.functions.iter().map(|function| function.name.as_str()));
        let functions = || program.functions.iter().zip(&functions).skip(1);
        let mut source = None;
        for (index, (slot, item)) in program.slots().enumerate() {
            for (function, name) in functions().filter(|(function, _)| function.start == index) {
                let linkage = match function.linkage {
                    Linkage::Static => "static",
                    Linkage::Global => "global",
                };
                write!(f, "\n.func {name} {linkage}")?;
                for param in function.prototype.iter().flat_map(Prototype::names) {
                    write!(f, " {}", escape::word(param))?;
                }
                writeln!(f)?;
            }
            if let Some(name) = names.get(&(slot as i64)) {
                writeln!(f, "{name}:")?;
            }
            if self.sources && item.source != source {
                if let Some(line) = &item.source {
                    let (text, file) = (escape::visible(&line.text), escape::visible(&line.file));
                    writeln!(f, "; {text} @ {file}:{}", line.line)?;
                }
                source.clone_from(&item.source);
            }
            let at = AtSlot { next: slot as i64 + 1, names: &names, maps: &maps, kfuncs: self.kfuncs };
            self.write_kfunc(f, &item.code)?;
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
