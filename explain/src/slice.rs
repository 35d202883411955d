//! The backward slice: from a register at the last instruction to the instructions that made its value what it is.

use knockwright_asm::{AluOp, Cond, Helper, Insn, Reg, Size, Source};
use knockwright_verifier::log::{PointerKind, RegState};

use crate::path::{FAR_BACK, Path};

/// The most events that a story has.
const MOST_EVENTS: usize = 200;

/// A place that holds a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Storage {
    /// A register of a frame.
    Reg { frame: u32, reg: Reg },
    /// Bytes of a frame's stack.
    Stack { frame: u32, offset: i32, size: u32 },
}

/// What an instruction did to a followed value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The value comes from here.
    Origin(Origin),
    /// It was copied, spilled or filled.
    Moved,
    /// It was changed by arithmetic.
    Changed,
    /// It was compared.
    Compared,
    /// It was lost: a call leaves r1 to r5 without a value.
    Lost,
    /// Its bytes on the stack were overwritten, in part or whole, by something else.
    Overwritten,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Constant,
    /// The address of a map or of something else that the loader fills in.
    Address,
    /// The result of a helper or of a kernel function.
    Call,
    /// Memory: so many bytes, extended with zeros.
    Memory(Size),
    /// Memory, extended with the sign.
    SignedMemory,
    /// A field of the context.
    Context,
    /// An argument that a helper calls a function of the program with.
    Argument,
}

/// One instruction of the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Event {
    /// The step on the path.
    pub(crate) step: usize,
    /// The place whose value it's about: after the instruction, or compared by it.
    pub(crate) place: Storage,
    /// What it did.
    pub(crate) role: Role,
}

/// The story of a value: its events, oldest first. It begins where the log does, or after a gap in it.
#[derive(Debug, Default)]
pub(crate) struct Slice {
    pub(crate) events: Vec<Event>,
}

impl Slice {
    /// The events of a role, newest first.
    pub(crate) fn of(&self, wanted: impl Fn(Role) -> bool) -> impl Iterator<Item = &Event> {
        self.events.iter().rev().filter(move |event| wanted(event.role))
    }
}

/// Follows places back from a step; the step itself isn't looked at.
pub(crate) fn slice(path: &Path<'_>, from: usize, places: &[Storage]) -> Slice {
    let mut slicer = Slicer { path, tracked: places.to_vec(), slice: Slice::default() };
    for step in (from.saturating_sub(FAR_BACK)..from).rev() {
        if path.is_cut_before(step + 1)
            || slicer.tracked.is_empty()
            || slicer.slice.events.len() >= MOST_EVENTS
        {
            break;
        }
        let passed = slicer.cross_frames(step);
        slicer.step(step, &passed);
    }
    let mut slice = slicer.slice;
    slice.events.reverse();
    slice
}

struct Slicer<'p, 'a> {
    path: &'p Path<'a>,
    tracked: Vec<Storage>,
    slice: Slice,
}

impl Slicer<'_, '_> {
    fn event(&mut self, step: usize, place: Storage, role: Role) {
        self.slice.events.push(Event { step, place, role });
    }

    fn track(&mut self, place: Storage) {
        if !self.tracked.contains(&place) {
            self.tracked.push(place);
        }
    }

    /// Where the path enters or leaves a function after a step, its values change their names. Returns the places that
    /// were passed to the function: the call takes nothing from them.
    fn cross_frames(&mut self, step: usize) -> Vec<Storage> {
        let steps = self.path.steps();
        let mut passed = Vec::new();
        let (here, Some(after)) = (steps[step].frame, steps.get(step + 1).map(|next| next.frame)) else {
            return passed;
        };
        if here == after {
            return passed;
        }
        let called_back = here < after && !matches!(self.path.insn(step), Some(Insn::CallLocal { .. }));
        for place in self.tracked.clone() {
            let Storage::Reg { frame, reg } = place else { continue };
            if frame != after {
                continue;
            }
            let renamed = match here > after {
                // Back into the function that returned.
                true if reg == Reg::R0 => Some(reg),
                false if (1..=5).contains(&reg.number()) && called_back => self.passed_back(step, reg),
                false if (1..=5).contains(&reg.number()) => Some(reg),
                _ => continue,
            };
            self.tracked.retain(|tracked| *tracked != place);
            let Some(reg) = renamed else {
                self.event(step, place, Role::Origin(Origin::Argument));
                continue;
            };
            self.event(step, place, Role::Moved);
            let renamed = Storage::Reg { frame: here, reg };
            self.track(renamed);
            if here < after {
                passed.push(renamed);
            }
        }
        passed
    }

    /// The register of the caller that a helper hands on to the function that it calls back; `None` if the argument is the
    /// helper's own.
    fn passed_back(&self, step: usize, reg: Reg) -> Option<Reg> {
        let Some(Insn::CallHelper { helper }) = self.path.insn(step) else { return None };
        match (helper.helper()?, reg) {
            (Helper::Loop, Reg::R2) | (Helper::ForEachMapElem, Reg::R4) => Some(Reg::R3),
            _ => None,
        }
    }

    fn step(&mut self, step: usize, passed: &[Storage]) {
        let Some(insn) = self.path.insn(step) else { return };
        let frame = self.path.steps()[step].frame;
        for place in self.tracked.clone() {
            match place {
                Storage::Reg { .. } if passed.contains(&place) => {}
                Storage::Reg { frame: of, reg } if of == frame => self.register(step, &insn, place, reg),
                Storage::Stack { frame: of, offset, size } => self.stack(step, &insn, of, offset, size),
                Storage::Reg { .. } => {}
            }
        }
    }

    fn register(&mut self, step: usize, insn: &Insn, place: Storage, reg: Reg) {
        let frame = self.path.steps()[step].frame;
        if let Insn::JumpIf { dst, src, .. } = insn {
            let other = if let Source::Reg(src) = src { Some(*src) } else { None };
            if *dst == reg || other == Some(reg) || self.linked(step, frame, reg, *dst) {
                self.event(step, place, Role::Compared);
            }
            return;
        }
        if !insn.writes().contains(reg) {
            return;
        }
        self.tracked.retain(|tracked| *tracked != place);
        let reg_place = |reg| Storage::Reg { frame, reg };
        let role = match *insn {
            Insn::Alu { op: AluOp::Mov, src: Source::Imm(_), .. } => Role::Origin(Origin::Constant),
            Insn::Alu { op: AluOp::Mov, .. } | Insn::MovSx { .. } | Insn::AddrSpaceCast { .. } => {
                insn.reads().iter().for_each(|src| self.track(reg_place(src)));
                Role::Moved
            }
            Insn::Alu { .. } | Insn::Neg { .. } | Insn::ToEndian { .. } | Insn::Bswap { .. } => {
                // Its own old value comes first in the story.
                self.track(place);
                insn.reads().iter().for_each(|src| self.track(reg_place(src)));
                Role::Changed
            }
            Insn::LoadImm64 { .. } => match self.path.after(step, frame, reg) {
                Some(RegState::Scalar(_)) => Role::Origin(Origin::Constant),
                _ => Role::Origin(Origin::Address),
            },
            Insn::Load { size, base, off, .. } => match self.path.stack_address(step, frame, base, off) {
                Some((owner, offset)) => {
                    self.track(Storage::Stack { frame: owner, offset, size: size.bytes() });
                    Role::Moved
                }
                None => Role::Origin(match self.path.before(step, frame, base) {
                    Some(RegState::Pointer(pointer)) if pointer.kind == PointerKind::Ctx => Origin::Context,
                    _ => Origin::Memory(size),
                }),
            },
            Insn::LoadSx { .. } => Role::Origin(Origin::SignedMemory),
            Insn::LoadAcquire { size, .. } => Role::Origin(Origin::Memory(size)),
            Insn::Atomic { size, .. } => Role::Origin(Origin::Memory(size.into())),
            Insn::LoadAbs { .. } | Insn::LoadInd { .. } if reg == Reg::R0 => {
                Role::Origin(Origin::Memory(Size::U32))
            }
            Insn::CallHelper { .. } | Insn::CallKfunc { .. } | Insn::CallLocal { .. } if reg == Reg::R0 => {
                Role::Origin(Origin::Call)
            }
            _ => Role::Lost,
        };
        self.event(step, place, role);
    }

    /// Whether two registers are copies of one value, so that what is learnt of one holds for the other.
    fn linked(&self, step: usize, frame: u32, one: Reg, other: Reg) -> bool {
        let id = |reg| self.path.before(step, frame, reg).and_then(|state| state.id());
        // What is compared is mostly shown nearby; the other's state may stand far back, and every comparison would go there.
        id(other).is_some_and(|other| id(one) == Some(other))
    }

    fn stack(&mut self, step: usize, insn: &Insn, owner: u32, offset: i32, size: u32) {
        let frame = self.path.steps()[step].frame;
        let (base, off, width, source) = match *insn {
            Insn::Store { size, base, off, src } => (base, off, size.bytes(), Some(src)),
            Insn::StoreImm { size, base, off, .. } => (base, off, size.bytes(), None),
            _ => return,
        };
        let Some((at, start)) = self.path.stack_address(step, frame, base, off) else { return };
        let overlaps = start < offset + size as i32 && offset < start + width as i32;
        if at != owner || !overlaps {
            return;
        }
        let place = Storage::Stack { frame: owner, offset, size };
        if start != offset || width < size {
            self.event(step, place, Role::Overwritten);
            return;
        }
        self.tracked.retain(|tracked| *tracked != place);
        match source {
            Some(src) => {
                self.event(step, place, Role::Moved);
                self.track(Storage::Reg { frame, reg: src });
            }
            None => self.event(step, place, Role::Origin(Origin::Constant)),
        }
    }
}

/// Whether a comparison is one with NULL.
pub(crate) fn is_null_check(insn: &Insn) -> bool {
    matches!(insn, Insn::JumpIf { cond: Cond::Eq | Cond::Ne, src: Source::Imm(0), .. })
}
