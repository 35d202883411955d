//! The assembler: one method call an instruction, in the order and the words of the listing.
//!
//! ```
//! use knockwright_asm::uapi::XdpAction;
//! use knockwright_asm::{Asm, AtomicSize, Helper, MapDef, MapType, ProgType, Reg::*, Size::*};
//!
//! let mut a = Asm::new("count", ProgType::Xdp);
//! let packets = a.map(MapDef::new::<u32, u64>("packets", MapType::Hash, 16));
//! let out = a.label("out");
//!
//! a.store(U32, R10 - 4, 0);
//! a.mov(R2, R10);
//! a.add(R2, -4);
//! a.load_map(R1, packets);
//! a.call(Helper::MapLookupElem);
//! a.goto_if(R0.eq(0), out); // the NULL check that the verifier asks for
//! a.mov(R1, 1);
//! a.atomic_add(AtomicSize::U64, R0 + 0, R1);
//! a.bind(out);
//! a.mov(R0, XdpAction::Pass);
//! a.exit();
//!
//! let program = a.finish().unwrap();
//! assert_eq!(program.slot_count(), 11);
//! ```
//!
//! Mistakes don't interrupt the writing: they are kept, and [`Asm::finish`] gives them all, each with the places in the
//! source that it concerns.

mod ends;
mod error;
mod instructions;
mod islands;
mod operand;
mod reach;
mod relax;
mod resolve;
mod scope;
mod uapi;

use std::borrow::Cow;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::insn::Insn;
use crate::isa::{IsaLevel, Row};
use crate::program::{Code, Function, Item, Linkage, MapDef, Place, Program, SourceLine};
use crate::reg::Reg;
use crate::slot::Slot;
use crate::types::{Extern, Prototype};
use knockwright_linux::ProgType;

pub(crate) use error::write_lines;
pub use error::{AsmError, AsmErrors};
pub use operand::{Condition, Lower, Mem};
pub use scope::{Scope, StackWindow};

/// A place in a program that jumps go to.
///
/// It's made by [`Asm::label`] and belongs to that assembler; [`Asm::bind`] says where it is, before or after its uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Label {
    asm: u32,
    index: u32,
}

impl Label {
    /// The number of labels that were made before it.
    pub(crate) fn position(self) -> usize {
        self.index as usize
    }
}

/// A map of the program, from [`Asm::map`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MapRef(u32);

impl MapRef {
    /// The map's index in [`Program::maps`].
    pub const fn index(self) -> u32 {
        self.0
    }
}

/// A function of the program, from [`Asm::function`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FnRef(u32);

/// A Rust or C source file whose lines stand for the instructions that its calls emit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceFile {
    /// The path as `file!()` gives it.
    pub path: &'static str,
    /// The text, from `include_str!`.
    pub text: &'static str,
}

impl SourceFile {
    /// The text of a line, counted from 1, without indentation and end.
    fn line(&self, line: u32) -> Option<&'static str> {
        self.text.lines().nth(usize::try_from(line.checked_sub(1)?).ok()?).map(str::trim)
    }
}

/// The assembler of one program.
#[derive(Debug)]
pub struct Asm {
    id: u32,
    name: String,
    prog_type: ProgType,
    license: String,
    level: IsaLevel,
    items: Vec<Pending>,
    /// The 8-byte slots of the items.
    slots: usize,
    labels: Vec<LabelState>,
    maps: Vec<(MapDef, Place)>,
    functions: Vec<FunctionState>,
    /// What the program names in the kernel; its uses are counted when it's finished.
    externs: Vec<Extern>,
    source: Option<Arc<SourceLine>>,
    files: Vec<SourceFile>,
    errors: Vec<AsmError>,
    /// Whether code may go on after the end of a function.
    falls_off: bool,
    /// Whether code that nothing leads to is taken out.
    only_reached: bool,
    /// The scopes that are open, the innermost last.
    scopes: Vec<scope::Open>,
}

/// An instruction whose jump may still lack its target.
#[derive(Debug, Clone)]
struct Pending {
    code: Code,
    target: Target,
    place: Place,
    source: Option<Arc<SourceLine>>,
}

/// What an instruction's distance is to be counted to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    None,
    Label(Label),
    Function(FnRef),
    /// Something of the kernel, by its index among the program's externs.
    Kernel(usize),
}

#[derive(Debug)]
struct LabelState {
    name: Cow<'static, str>,
    made: Place,
    bound: Option<(usize, Place)>,
}

#[derive(Debug)]
struct FunctionState {
    name: String,
    linkage: Linkage,
    prototype: Option<Prototype>,
    declared: Place,
    body: Option<(usize, Place)>,
}

fn here(location: &'static Location<'static>) -> Place {
    Place::from(location)
}

impl Asm {
    /// An assembler for a program. It declares the licence `GPL` unless [`Asm::license`] says another one, and its
    /// instruction set is v3, which Linux 5.12 and later have.
    #[track_caller]
    pub fn new(name: &str, prog_type: ProgType) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let place = here(Location::caller());
        let entry = FunctionState {
            name: name.to_owned(),
            linkage: Linkage::Global,
            prototype: None,
            declared: place.clone(),
            body: Some((0, place)),
        };
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            name: name.to_owned(),
            prog_type,
            license: "GPL".to_owned(),
            level: IsaLevel::V3,
            items: Vec::new(),
            slots: 0,
            labels: Vec::new(),
            maps: Vec::new(),
            functions: vec![entry],
            externs: Vec::new(),
            source: None,
            files: Vec::new(),
            errors: Vec::new(),
            falls_off: false,
            only_reached: false,
            scopes: Vec::new(),
        }
    }

    /// Sets the licence that the program declares to the kernel. Helpers marked GPL-only want a GPL-compatible one, so `GPL`
    /// is what stands here at first. Which licence the program is under is its author's choice: whatever it's assembled with
    /// puts none on it.
    pub fn license(&mut self, license: &str) -> &mut Self {
        license.clone_into(&mut self.license);
        self
    }

    /// Allows instructions up to this level.
    ///
    /// Jumps farther than 16 bits reach become `gotol` from [`IsaLevel::V4`] on. Below it they go by trampolines: between the
    /// instructions, where they are out of the way, the assembler puts jumps to where others can't reach. A listing shows them,
    /// with the place of the jump that wants them.
    pub fn isa(&mut self, level: IsaLevel) -> &mut Self {
        self.level = level;
        self
    }

    /// Allows code that goes on after the last instruction of the program or into its next function, which is else
    /// [`AsmError::FallsOff`]: for programs that are wrong on purpose, or pieces of one.
    pub fn allow_falling_off(&mut self) -> &mut Self {
        self.falls_off = true;
        self
    }

    /// Leaves out code that no way leads to, which the verifier refuses: exits that a generator writes whether something goes
    /// there or not. Programs with jumps to a register's address keep all.
    pub fn leave_out_unreached(&mut self) -> &mut Self {
        self.only_reached = true;
        self
    }

    /// Names a file whose lines become the source text of the instructions emitted from it.
    ///
    /// ```
    /// # use knockwright_asm::{Asm, ProgType, SourceFile};
    /// # let mut a = Asm::new("p", ProgType::Xdp);
    /// a.source_file(SourceFile { path: file!(), text: "let out = a.label(\"out\");" });
    /// ```
    pub fn source_file(&mut self, file: SourceFile) -> &mut Self {
        self.files.push(file);
        self
    }

    /// Gives the instructions that follow a source line of their own, until the next call; `None` goes back to the lines of
    /// the [source files](Self::source_file).
    pub fn source(&mut self, line: impl Into<Option<SourceLine>>) {
        self.source = line.into().map(Arc::new);
    }

    /// Makes a label. The name shows in errors and listings.
    #[track_caller]
    pub fn label(&mut self, name: impl Into<Cow<'static, str>>) -> Label {
        let name = self.scoped(name.into());
        self.hidden_label(LabelState { name, made: here(Location::caller()), bound: None })
    }

    fn hidden_label(&mut self, state: LabelState) -> Label {
        let label = Label { asm: self.id, index: u32::try_from(self.labels.len()).unwrap_or(u32::MAX) };
        self.labels.push(state);
        label
    }

    /// Makes a label at this place, for jumps back.
    #[track_caller]
    pub fn label_here(&mut self, name: impl Into<Cow<'static, str>>) -> Label {
        let label = self.label(name);
        self.bind(label);
        label
    }

    /// Puts a label before the next instruction.
    #[track_caller]
    pub fn bind(&mut self, label: Label) {
        let place = here(Location::caller());
        let position = self.items.len();
        match self.label_state(label) {
            None => self.errors.push(AsmError::ForeignLabel { used: place }),
            Some(state) => match state.bound.clone() {
                None => state.bound = Some((position, place)),
                Some((_, first)) => {
                    let label = state.name.clone().into_owned();
                    self.errors.push(AsmError::LabelBoundTwice { label, first, second: place });
                }
            },
        }
    }

    fn label_state(&mut self, label: Label) -> Option<&mut LabelState> {
        (label.asm == self.id).then(|| self.labels.get_mut(label.index as usize)).flatten()
    }

    /// Declares a map. Declaring the same map again gives the same reference.
    #[track_caller]
    pub fn map(&mut self, def: MapDef) -> MapRef {
        let place = here(Location::caller());
        let index = match self.maps.iter().position(|(known, _)| known.name == def.name) {
            Some(index) => {
                let (known, first) = &self.maps[index];
                if *known != def {
                    let first = first.clone();
                    self.errors.push(AsmError::MapConflict { name: def.name, first, second: place });
                }
                index
            }
            None => {
                self.maps.push((def, place));
                self.maps.len() - 1
            }
        };
        MapRef(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// Declares a function of the program, to be called before or after its body is written. Its parameters, which are given
    /// by name alone, and its result are numbers of 64 bits.
    #[track_caller]
    pub fn function(&mut self, name: &str, linkage: Linkage, params: &[&str]) -> FnRef {
        self.function_of(name, linkage, Prototype::numbers(params.iter().copied()))
    }

    /// Declares a function that takes and gives other things than numbers. See [`Asm::function`].
    #[track_caller]
    pub fn function_of(&mut self, name: &str, linkage: Linkage, prototype: Prototype) -> FnRef {
        let declared = here(Location::caller());
        if let Some(known) = self.functions.iter().find(|known| known.name == name) {
            let error = AsmError::FunctionTwice {
                name: name.to_owned(),
                first: known.declared.clone(),
                second: declared.clone(),
            };
            self.errors.push(error);
        }
        if prototype.params.len() > Reg::MAX_ARGUMENTS {
            let count = prototype.params.len();
            let (place, name) = (declared.clone(), name.to_owned());
            self.errors.push(AsmError::TooManyArguments { place, name, count });
        }
        self.functions.push(FunctionState {
            name: name.to_owned(),
            linkage,
            prototype: Some(prototype),
            declared,
            body: None,
        });
        FnRef(u32::try_from(self.functions.len() - 1).unwrap_or(u32::MAX))
    }

    /// Starts the body of a declared function at the next instruction. The entry's body starts at the first instruction.
    #[track_caller]
    pub fn begin(&mut self, function: FnRef) {
        let place = here(Location::caller());
        let position = self.items.len();
        let Some(state) = self.functions.get_mut(function.0 as usize) else {
            self.errors.push(AsmError::ForeignLabel { used: place });
            return;
        };
        if let Some((_, first)) = &state.body {
            let error =
                AsmError::FunctionTwice { name: state.name.clone(), first: first.clone(), second: place };
            self.errors.push(error);
        } else {
            state.body = Some((position, place));
        }
    }

    /// How many 8-byte slots were written so far. Jumps that turn out too long add some at the end.
    pub fn written(&self) -> usize {
        self.slots
    }

    /// Makes room for so many more instructions: one who knows how many there will be needn't move them while they grow.
    pub fn reserve(&mut self, instructions: usize) {
        self.items.reserve(instructions);
    }

    /// Emits an instruction. The methods named like instructions are shorter to write; this one takes any.
    #[track_caller]
    pub fn emit(&mut self, insn: Insn) {
        self.push(Code::Insn(insn), Target::None, here(Location::caller()));
    }

    /// Emits a slot as it is, instruction or not. Distances in it aren't adjusted when a jump near it becomes longer or trampolines
    /// are put in; slots one after the other stay together.
    #[track_caller]
    pub fn raw(&mut self, slot: Slot) {
        self.push(Code::Raw(slot), Target::None, here(Location::caller()));
    }

    pub(crate) fn push(&mut self, code: Code, target: Target, place: Place) {
        if let Code::Insn(insn) = &code {
            let row = Row::of(insn);
            if row.level > self.level {
                let (insn, place) = (insn.to_string(), place.clone());
                let error = AsmError::IsaTooNew {
                    place,
                    insn,
                    needs: row.level,
                    since: row.since,
                    allowed: self.level,
                };
                self.errors.push(error);
            }
        }
        self.check_scope(&code, &place);
        self.slots += code.slots();
        self.items.push(Pending { code, target, place, source: self.source.clone() });
    }

    /// Emits code that stands in a text, with its place there.
    pub(crate) fn emit_text(&mut self, code: Code, target: Target, place: Place, source: Option<SourceLine>) {
        self.source(source);
        self.push(code, target, place);
    }

    /// Gives the program and its entry another name and type.
    pub(crate) fn rename(&mut self, name: &str, prog_type: ProgType) {
        name.clone_into(&mut self.name);
        name.clone_into(&mut self.functions[0].name);
        self.prog_type = prog_type;
    }

    /// Says that the entry was declared elsewhere than where the assembler was made.
    pub(crate) fn entry_declared_at(&mut self, place: Place) {
        self.functions[0].declared = place;
    }

    /// The same of another function.
    pub(crate) fn declared_at(&mut self, function: FnRef, place: Place) {
        if let Some(state) = self.functions.get_mut(function.0 as usize) {
            state.declared = place;
        }
    }

    /// Resolves all labels and gives the program.
    ///
    /// # Errors
    /// Every mistake that was made while building, and those that show only now: labels without a place, jumps that are too
    /// long, functions without a body or an end.
    pub fn finish(self) -> Result<Program, AsmErrors> {
        resolve::finish(self)
    }

    /// The source line of an instruction without one of its own: the line of a known file that emitted it.
    fn line_of(files: &[SourceFile], place: &Place) -> Option<SourceLine> {
        let file = files.iter().find(|file| file.path == place.file)?;
        let text = Cow::Borrowed(file.line(place.line)?);
        Some(SourceLine { file: place.file.clone(), line: place.line, column: place.column, text })
    }
}

impl From<&FunctionState> for Function {
    fn from(state: &FunctionState) -> Self {
        Self {
            name: state.name.clone(),
            start: state.body.as_ref().map_or(0, |(start, _)| *start),
            linkage: state.linkage,
            prototype: state.prototype.clone(),
        }
    }
}

impl Pending {
    fn into_item(self, files: &[SourceFile], last: &mut Option<Arc<SourceLine>>) -> Item {
        let source = self.source.or_else(|| {
            let line = Asm::line_of(files, &self.place)?;
            // Instructions of one source line share it, as one record of line information covers them.
            let shared = last.take_if(|last| **last == line).unwrap_or_else(|| Arc::new(line));
            *last = Some(Arc::clone(&shared));
            Some(shared)
        });
        Item { code: self.code, place: Some(self.place), source }
    }
}
