//! The functions of all programs of an object, cut apart, with what they refer to by name.

use std::collections::HashMap;

use knockwright_asm::{
    Code, Function, Imm64, Insn, Item, Linkage, MapDef, ProgType, Program, Prototype, Reg, Slot,
};

use super::error::{Site, WriteError};
use super::lines;
use super::maps::SharedMap;
use crate::btf::LineRecord;

/// The functions of an object.
pub(super) struct Functions<'p> {
    /// The entry of each program, in the order of the programs.
    pub(super) entries: Vec<Body<'p>>,
    /// The functions of `.text`, in the order of their first definition.
    pub(super) subprograms: Vec<Body<'p>>,
}

/// A function's code with open references.
pub(super) struct Body<'p> {
    pub(super) function: &'p Function,
    pub(super) prog_type: ProgType,
    pub(super) slots: Vec<Slot>,
    /// What the slot with an index refers to.
    pub(super) references: Vec<(usize, Reference<'p>)>,
    pub(super) lines: Vec<LineRecord>,
    pub(super) program: &'p str,
}

/// What an instruction refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reference<'p> {
    /// Loads the address of a map.
    Map(&'p str),
    /// Loads an address inside the contents of a map.
    Data(&'p str, i32),
    /// Calls a subprogram.
    Call(&'p str),
    /// Loads the address of a subprogram.
    Callback(&'p str),
}

/// Where functions are from.
pub(super) struct Source<'p> {
    pub(super) program: &'p Program,
    /// Whether its first function is the entry of a program.
    pub(super) has_entry: bool,
}

/// Cuts all programs into functions and merges the subprograms that are equal.
pub(super) fn collect<'p>(
    sources: impl Iterator<Item = Source<'p>>,
    maps: &[SharedMap<'p>],
) -> Result<Functions<'p>, WriteError> {
    let mut entries: Vec<Body<'p>> = Vec::new();
    let mut subprograms: Vec<Body<'p>> = Vec::new();
    for Source { program, has_entry } in sources {
        check(program)?;
        for (index, body) in bodies(program)?.into_iter().enumerate() {
            if index == 0 && has_entry {
                entries.push(body);
                continue;
            }
            match subprograms.iter().find(|other| other.function.name == body.function.name) {
                None => subprograms.push(body),
                Some(first) if first.same(&body) => {}
                Some(first) => {
                    return Err(WriteError::FunctionConflict {
                        function: body.function.name.clone(),
                        first: first.program.to_owned(),
                        second: body.program.to_owned(),
                    });
                }
            }
        }
    }
    let functions = entries.iter().chain(&subprograms).map(|body| &body.function.name);
    let mut seen = HashMap::new();
    for name in functions.map(String::as_str).chain(maps.iter().map(SharedMap::symbol)) {
        if seen.insert(name, ()).is_some() {
            return Err(WriteError::DuplicateName { name: name.to_owned() });
        }
    }
    Ok(Functions { entries, subprograms })
}

impl Body<'_> {
    /// Whether a function of another program is the same one. It may be written in another place: the object has the
    /// lines of the first.
    fn same(&self, other: &Body<'_>) -> bool {
        self.function.linkage == other.function.linkage
            && self.function.prototype == other.function.prototype
            && self.slots == other.slots
            && self.references == other.references
    }
}

/// Checks the list of functions.
fn check(program: &Program) -> Result<(), WriteError> {
    let name = || program.name.clone();
    if program.functions.first().is_none_or(|entry| entry.start != 0) {
        return Err(WriteError::NoEntry { program: name() });
    }
    if let Some(named) = program.externs.first() {
        return Err(WriteError::Extern { program: name(), name: named.name.clone() });
    }
    for (index, function) in program.functions.iter().enumerate() {
        let before = index.checked_sub(1).map(|index| program.functions[index].start);
        if function.start >= program.items.len() || before.is_some_and(|before| function.start <= before) {
            return Err(WriteError::FunctionStart {
                program: name(),
                function: function.name.clone(),
                start: function.start,
                items: program.items.len(),
            });
        }
        if program.functions[..index].iter().any(|other| other.name == function.name) {
            return Err(WriteError::DuplicateName { name: function.name.clone() });
        }
        let params: Vec<&str> = function.prototype.iter().flat_map(Prototype::names).collect();
        // An entry is called by the kernel alone, which gives it one argument, whatever it says.
        let is_entry = index == 0;
        if !is_entry && params.len() > Reg::MAX_ARGUMENTS {
            return Err(WriteError::TooManyParams {
                program: name(),
                function: function.name.clone(),
                count: params.len(),
            });
        }
        let named = params.into_iter().filter(|param| !(is_entry && param.is_empty()));
        for identifier in std::iter::once(function.name.as_str()).chain(named) {
            crate::btf::check_identifier(identifier).map_err(|reason| WriteError::FunctionName {
                program: name(),
                function: function.name.clone(),
                reason,
            })?;
        }
    }
    Ok(())
}

/// The functions of a program whose list of functions was checked.
fn bodies(program: &Program) -> Result<Vec<Body<'_>>, WriteError> {
    let starts = program.function_slots();
    let ends = program.functions.iter().map(|function| function.start);
    let ends = ends.skip(1).chain([program.items.len()]);
    let mut slot = 0;
    let mut bodies = Vec::with_capacity(program.functions.len());
    for (function, end) in program.functions.iter().zip(ends) {
        let items = &program.items[function.start..end];
        let len: usize = items.iter().map(|item| item.code.slots()).sum();
        let cut = Cut { program, function, starts: &starts, range: slot..slot + len };
        let mut body = Body {
            function,
            prog_type: program.prog_type,
            slots: Vec::with_capacity(len),
            references: Vec::new(),
            lines: lines::records(&function.name, items),
            program: &program.name,
        };
        for item in items {
            let (mut slots, count) = item.code.encode();
            if let Some(reference) = cut.reference(slot, item)? {
                let kept = Slot {
                    imm: 0,
                    // A function's address keeps its kind; the kind of a map's address is the loader's to set.
                    src: if matches!(reference, Reference::Map(_) | Reference::Data(..)) {
                        0
                    } else {
                        slots[0].src
                    },
                    ..slots[0]
                };
                slots = [kept, Slot::default()];
                body.references.push((body.slots.len(), reference));
            }
            body.slots.extend_from_slice(&slots[..count]);
            slot += count;
        }
        bodies.push(body);
    }
    Ok(bodies)
}

/// A function while it's cut out of its program.
struct Cut<'a, 'p> {
    program: &'p Program,
    function: &'p Function,
    /// The slots that the program's functions start at.
    starts: &'a [usize],
    /// The slots of this function.
    range: std::ops::Range<usize>,
}

impl<'p> Cut<'_, 'p> {
    /// What an item that starts at a slot of the program refers to.
    fn reference(&self, slot: usize, item: &Item) -> Result<Option<Reference<'p>>, WriteError> {
        let site = || Site { program: self.program.name.clone(), slot, place: item.place.clone() };
        let Code::Insn(insn) = item.code else {
            return Ok(None);
        };
        match insn {
            Insn::LoadImm64 { value, .. } => match value {
                Imm64::Const(_) | Imm64::BtfId { .. } => Ok(None),
                Imm64::MapFd(fd) | Imm64::MapFdValue { fd, .. } => {
                    Err(WriteError::FileDescriptor { site: site(), fd })
                }
                Imm64::Func(off) => self.function(slot, off, site).map(Reference::Callback).map(Some),
                Imm64::MapIdx(index) => match self.map(index, site)? {
                    MapDef { name, data: None, .. } => Ok(Some(Reference::Map(name))),
                    map => Err(WriteError::DataMap { map: map.name.clone(), site: site() }),
                },
                Imm64::MapIdxValue { idx, off } => match self.map(idx, site)? {
                    MapDef { name, data: Some(_), .. } => Ok(Some(Reference::Data(name, off))),
                    map => Err(WriteError::MapValue { map: map.name.clone(), site: site() }),
                },
            },
            Insn::CallLocal { off } => self.function(slot, off, site).map(Reference::Call).map(Some),
            _ => {
                self.check_jump(slot, insn, site)?;
                Ok(None)
            }
        }
    }

    fn map(&self, index: i32, site: impl Fn() -> Site) -> Result<&'p MapDef, WriteError> {
        let map = usize::try_from(index).ok().and_then(|index| self.program.maps.get(index));
        map.ok_or_else(|| WriteError::MapIndex { site: site(), index, count: self.program.maps.len() })
    }

    fn function(&self, slot: usize, off: i32, site: impl Fn() -> Site) -> Result<&'p str, WriteError> {
        let target = slot as i64 + 1 + i64::from(off);
        let index = self.starts.iter().position(|&start| start as i64 == target);
        match index {
            None => Err(WriteError::NoFunction { site: site(), target }),
            Some(0) => {
                Err(WriteError::CallsEntry { site: site(), entry: self.program.functions[0].name.clone() })
            }
            Some(index) => Ok(&self.program.functions[index].name),
        }
    }

    /// A program of one function is written as it stands; the functions of others move, so no jump may connect them.
    fn check_jump(&self, slot: usize, insn: Insn, site: impl Fn() -> Site) -> Result<(), WriteError> {
        let Some(off) = insn.jump_offset().filter(|_| self.starts.len() > 1) else {
            return Ok(());
        };
        let target = slot as i64 + 1 + i64::from(off);
        let inside = usize::try_from(target).is_ok_and(|target| self.range.contains(&target));
        match inside {
            true => Ok(()),
            false => Err(WriteError::JumpLeavesFunction {
                site: site(),
                function: self.function.name.clone(),
                target,
            }),
        }
    }
}

/// Whether a function's symbol is visible outside the object.
pub(super) fn is_global(function: &Function) -> bool {
    function.linkage == Linkage::Global
}
