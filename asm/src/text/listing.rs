//! A program as text that [`parse_program`](super::parse_program) reads back.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{escape, externs};
use crate::insn::{Imm64, Insn};
use crate::print::Names;
use crate::program::{Code, Function, Linkage, MapDef, Program};
use crate::types::Prototype;
use knockwright_btf::Endian;
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
    section: Option<&'a str>,
    has_type: bool,
    endian: Endian,
    notes: &'a [String],
    comments: Option<&'a BTreeMap<usize, Vec<String>>>,
}

impl<'a> Listing<'a> {
    /// The listing of a program, without source lines.
    pub fn new(program: &'a Program) -> Self {
        Self {
            program,
            sources: false,
            slots: false,
            kfuncs: None,
            section: None,
            has_type: true,
            endian: Endian::Little,
            notes: &[],
            comments: None,
        }
    }

    /// Says which section of an object the program stands in (`.section`).
    pub fn with_section(mut self, section: &'a str) -> Self {
        self.section = Some(section);
        self
    }

    /// Leaves the program's type out: it's unknown.
    pub fn without_type(mut self) -> Self {
        self.has_type = false;
        self
    }

    /// Says which byte order the machine has that the program is for, if it isn't little endian (`.endian`).
    pub fn with_endian(mut self, endian: Endian) -> Self {
        self.endian = endian;
        self
    }

    /// Writes notes on the program above its instructions, as comments.
    pub fn with_notes(mut self, notes: &'a [String]) -> Self {
        self.notes = notes;
        self
    }

    /// Writes comments above instructions, which are named by their indexes in [`Program::items`].
    pub fn with_comments(mut self, comments: &'a BTreeMap<usize, Vec<String>>) -> Self {
        self.comments = Some(comments);
        self
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
        let shown = without_zeros(data, map.value.size());
        if !shown.is_empty() || data.is_empty() {
            write!(f, " data {}", escape::word(&hex::encode(shown)))?;
        }
        if shown.len() < data.len() {
            f.write_str(" zeros")?;
        }
    }
    writeln!(f)
}

/// How many zeros at the end of contents are written.
const ZEROS: usize = 64;

/// The contents of a map without the zeros at their end, if those are many: the word `zeros` says that they follow.
fn without_zeros(data: &[u8], value_size: u32) -> &[u8] {
    let end = data.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    match data.len() - end > ZEROS && u32::try_from(data.len()) == Ok(value_size) {
        true => &data[..end],
        false => data,
    }
}

impl Listing<'_> {
    /// The directives that say what the program is.
    fn write_head(&self, f: &mut fmt::Formatter<'_>, maps: &[String]) -> fmt::Result {
        let program = self.program;
        write!(f, ".program {}", escape::word(&program.name))?;
        if self.has_type {
            write!(f, " {}", program.prog_type)?;
        }
        writeln!(f)?;
        if let Some(section) = self.section {
            writeln!(f, ".section {}", escape::rest_of_line(section))?;
        }
        if self.endian == Endian::Big {
            writeln!(f, ".endian big")?;
        }
        writeln!(f, ".license {}", escape::rest_of_line(&program.license))?;
        for (map, name) in program.maps.iter().zip(maps) {
            write_map(f, map, name)?;
        }
        for named in &program.externs {
            let weak = if named.weak { " weak" } else { "" };
            writeln!(f, ".extern {}{weak}", escape::word(&named.name))?;
        }
        for note in self.notes {
            writeln!(f, "; {}", escape::visible(note))?;
        }
        writeln!(f)
    }

    fn write_function(&self, f: &mut fmt::Formatter<'_>, function: &Function, name: &str) -> fmt::Result {
        let linkage = match function.linkage {
            Linkage::Static => "static",
            Linkage::Global => "global",
        };
        write!(f, "\n.func {name} {linkage}")?;
        for param in function.prototype.iter().flat_map(Prototype::names) {
            write!(f, " {}", escape::word(param))?;
        }
        writeln!(f)
    }
}

impl fmt::Display for Listing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = self.program;
        let maps = words(program.maps.iter().map(|map| map.name.as_str()));
        self.write_head(f, &maps)?;
        let names = names(program);
        let functions = words(program.functions.iter().map(|function| function.name.as_str()));
        let functions: BTreeMap<usize, (&Function, &String)> = program
            .functions
            .iter()
            .zip(&functions)
            .skip(1)
            .map(|(function, name)| (function.start, (function, name)))
            .collect();
        let mut externs: BTreeMap<usize, &str> = BTreeMap::new();
        for named in &program.externs {
            externs.extend(named.uses.iter().map(|&index| (index, named.name.as_str())));
        }
        let mut source = None;
        for (index, (slot, item)) in program.slots().enumerate() {
            if let Some((function, name)) = functions.get(&index) {
                self.write_function(f, function, name)?;
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
            for comment in self.comments.and_then(|comments| comments.get(&index)).into_iter().flatten() {
                writeln!(f, "; {}", escape::visible(comment))?;
            }
            let at = AtSlot { next: slot as i64 + 1, names: &names, maps: &maps, kfuncs: self.kfuncs };
            self.write_kfunc(f, &item.code)?;
            f.write_str("    ")?;
            if let (true, Code::Insn(_)) = (self.slots, &item.code) {
                write!(f, "{slot}: ({:02x}) ", item.code.encode().0[0].opcode)?;
            }
            let is_written = match externs.get(&index) {
                Some(name) => externs::write(f, &item.code, name)?,
                None => false,
            };
            match &item.code {
                _ if is_written => {}
                Code::Insn(insn) => insn.write_with(f, &at)?,
                raw @ Code::Raw(_) => write!(f, "{raw}")?,
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
