//! Which value is where, along every way through the program.
//!
//! Types follow the text of a program; this follows its jumps. Every value and every proof has an id, and each register and
//! stack object the set of ids that hold for it. A write leaves one new id, a guard adds one, a call clears the scratch
//! registers, and where ways meet only the ids of all of them stay. A value whose id isn't there any more is an error of the
//! assembler, with the places of the value's use and of what ended it.

use std::fmt;
use std::panic::Location;

use crate::builder::FnRef;
use crate::program::Place;
use crate::reg::{Reg, RegSet};
use knockwright_linux::limits::MAX_BPF_STACK;

pub(super) type At = &'static Location<'static>;
pub(super) type Id = u32;

/// Something that holds values: a register by its number, or a stack object by the numbers after those.
pub(super) type Holder = usize;

/// The first holder that is a stack object.
pub(super) const FIRST_OBJECT: Holder = Reg::ALL.len();

/// A value or a proof where a program counts on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Use {
    pub(super) holder: Holder,
    pub(super) id: Id,
}

impl Use {
    /// No value.
    pub(super) const NOWHERE: Self = Self { holder: 0, id: Id::MAX };

    pub(super) fn reg(self) -> Reg {
        u8::try_from(self.holder).ok().and_then(Reg::from_number).unwrap_or(Reg::R10)
    }
}

/// What ended a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// Something else was written there.
    Overwritten,
    /// A call took the scratch registers.
    Called,
    /// Ways meet, and the value doesn't come along all of them.
    Joined,
    /// It was never there on the way that leads here.
    Never,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Overwritten => "it is overwritten here",
            Self::Called => "this call takes the scratch registers",
            Self::Joined => "ways meet here, and not all of them bring it",
            Self::Never => "no way brings it here",
        })
    }
}

/// What is wrong with the ways through a typed program.
#[derive(Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FlowError {
    /// A value is used that isn't there any more.
    #[error("{used}: what is used here is no longer in {holder}\n  {by}: {ended}")]
    Lost {
        /// The register, or the stack object.
        holder: String,
        /// Where it's used.
        used: Place,
        /// What ended it.
        ended: Ended,
        /// Where that happened.
        by: Place,
    },
    /// Nothing leads to an instruction.
    #[error(
        "{at}: no way leads here, and the verifier refuses unreachable instructions\n  help: bind a label first"
    )]
    Unreachable {
        /// Where the instruction stands.
        at: Place,
    },
    /// Values come to a join in different registers.
    #[error(
        "{at}: the values of this join are in {found} here, and elsewhere in {wanted}\n  help: move them"
    )]
    JoinElsewhere {
        /// Where the jump stands.
        at: Place,
        /// The registers here.
        found: String,
        /// The registers of the first jump.
        wanted: String,
    },
    /// A loop's body changes what its head counts on.
    #[error(
        "{at}: the next round of the loop counts on {holder}, and the body has changed it\n  {by}: {ended}\n  \
         help: carry it through the loop"
    )]
    LoopChanges {
        /// The register, or the stack object.
        holder: String,
        /// The end of the loop.
        at: Place,
        /// What ended the value.
        ended: Ended,
        /// Where that happened.
        by: Place,
    },
    /// A jump goes back.
    #[error(
        "{at}: this jump goes back\n  {bound}: the label is put here\n  help: `repeat` is the loop that knows what its rounds share"
    )]
    Backward {
        /// Where the jump stands.
        at: Place,
        /// Where the label was put.
        bound: Place,
    },
    /// The way goes on where another function begins.
    #[error(
        "{at}: another function begins here, and the way before it doesn't end\n  help: `exit`, `give` or `goto` before it"
    )]
    RunsOn {
        /// Where the function begins.
        at: Place,
    },
    /// The body of a function that nothing calls.
    #[error(
        "{at}: nothing calls this function, and the verifier refuses unreachable instructions\n  help: callers are written first"
    )]
    NeverCalled {
        /// Where its body begins.
        at: Place,
    },
    /// The stack frame is full.
    #[error("{at}: the stack frame has {MAX_BPF_STACK} bytes, and {bytes} are asked for")]
    StackFull {
        /// Where the object is declared.
        at: Place,
        /// The bytes of all objects.
        bytes: u32,
    },
    /// A struct on the stack is not written as a whole.
    #[error(
        "{at}: bytes {first} to {last} of this struct are never written, and helpers read them\n  help: `zeroed` first"
    )]
    NotFilled {
        /// Where it's taken as initialised.
        at: Place,
        /// The first byte that is missing.
        first: u32,
        /// The last byte of that gap.
        last: u32,
    },
    /// What a program has to give back is still there where it ends, or where a way ends that gives nothing back.
    #[error(
        "{at}: the {what} is not given back here\n  {taken}: it is taken here\n  help: give it back on every way"
    )]
    NotGivenBack {
        /// Where the way ends.
        at: Place,
        /// What it is.
        what: &'static str,
        /// Where it was taken.
        taken: Place,
    },
    /// Ways meet, and only some of them have given something back.
    #[error(
        "{at}: the {what} is given back on some of the ways that meet here, and not on others\n  {taken}: it is taken here"
    )]
    GivenBackOnSome {
        /// Where they meet.
        at: Place,
        /// What it is.
        what: &'static str,
        /// Where it was taken.
        taken: Place,
    },
    /// A field that no program may read from the record of an event.
    #[error(
        "{at}: byte {offset} of an event's record can't be read: its fields begin at byte 8\n  \
         help: a struct that stands for the record begins with the 8 bytes that every event has"
    )]
    NotRecorded {
        /// Where the load stands.
        at: Place,
        /// Where the field is, in bytes.
        offset: u32,
    },
}

crate::sentence::debug_as_display!(FlowError);

impl FlowError {
    /// The place that the error concerns first.
    pub fn place(&self) -> &Place {
        match self {
            Self::Lost { used: at, .. }
            | Self::Unreachable { at }
            | Self::JoinElsewhere { at, .. }
            | Self::LoopChanges { at, .. }
            | Self::Backward { at, .. }
            | Self::RunsOn { at }
            | Self::NeverCalled { at }
            | Self::StackFull { at, .. }
            | Self::NotFilled { at, .. }
            | Self::NotRecorded { at, .. }
            | Self::NotGivenBack { at, .. }
            | Self::GivenBackOnSome { at, .. } => at,
        }
    }
}

/// What one holder holds.
#[derive(Debug, Clone, Default)]
struct Held {
    ids: Vec<Id>,
    /// What ended the values before, and where.
    ended: Option<(Ended, At)>,
}

/// Something that the program has to give back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reference {
    id: Id,
    what: &'static str,
    taken: At,
}

/// What all holders hold at one point.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    held: Vec<Held>,
    /// What is to be given back.
    open: Vec<Reference>,
}

impl State {
    /// What only one of two states has to give back.
    fn unlike(&self, other: &Self) -> Option<Reference> {
        let lacks =
            |one: &Self, other: &Self| one.open.iter().find(|open| !other.open.contains(open)).copied();
        lacks(self, other).or_else(|| lacks(other, self))
    }

    fn held(&self, holder: Holder) -> &[Id] {
        self.held.get(holder).map_or(&[], |held| &held.ids)
    }

    fn held_mut(&mut self, holder: Holder) -> &mut Held {
        if self.held.len() <= holder {
            self.held.resize_with(holder + 1, Held::default);
        }
        &mut self.held[holder]
    }

    fn ended(&self, holder: Holder, otherwise: At) -> (Ended, At) {
        self.held.get(holder).and_then(|held| held.ended).unwrap_or((Ended::Never, otherwise))
    }

    /// Keeps what holds in both.
    fn meet(&mut self, other: &Self, at: At) {
        for holder in 0..self.held.len() {
            let held = &mut self.held[holder];
            let before = held.ids.len();
            held.ids.retain(|id| other.held(holder).contains(id));
            if held.ids.len() < before {
                held.ended = Some((Ended::Joined, at));
            }
        }
    }
}

/// The ways of a program while it's written.
#[derive(Debug)]
pub(super) struct Flow {
    now: State,
    reachable: bool,
    /// For each label, what all jumps to it bring; `None` before the first.
    labels: Vec<Option<State>>,
    /// For each label, where it was put.
    bound: Vec<Option<At>>,
    next_id: Id,
    objects: usize,
    /// The functions that something calls.
    called: Vec<FnRef>,
    /// The lowest byte of the stack frame in use.
    depth: u32,
    pub(super) errors: Vec<FlowError>,
}

/// The registers that a call doesn't preserve.
fn scratch() -> impl Iterator<Item = Holder> {
    RegSet::CALLER_SAVED.iter().map(|reg| usize::from(reg.number()))
}

fn name(holder: Holder) -> String {
    match holder.checked_sub(FIRST_OBJECT) {
        None => format!("r{holder}"),
        Some(object) => format!("stack object {}", object + 1),
    }
}

impl Flow {
    pub(super) fn new() -> Self {
        Self {
            now: State::default(),
            reachable: true,
            labels: Vec::new(),
            bound: Vec::new(),
            next_id: 0,
            objects: 0,
            called: Vec::new(),
            depth: 0,
            errors: Vec::new(),
        }
    }

    pub(super) fn new_id(&mut self) -> Id {
        self.next_id += 1;
        self.next_id
    }

    /// Takes note of an instruction: something must lead to it.
    pub(super) fn step(&mut self, at: At) {
        if !self.reachable {
            self.errors.push(FlowError::Unreachable { at: at.into() });
            self.reachable = true; // once a stretch is enough
        }
    }

    /// A new value in a holder.
    pub(super) fn write(&mut self, holder: Holder, at: At) -> Use {
        let id = self.new_id();
        let held = self.now.held_mut(holder);
        held.ids.clear();
        held.ids.push(id);
        held.ended = Some((Ended::Overwritten, at));
        Use { holder, id }
    }

    /// Something calls a function, or hands it to a helper that does.
    pub(super) fn reference(&mut self, function: FnRef) {
        if !self.called.contains(&function) {
            self.called.push(function);
        }
    }

    /// Another function begins: nothing of the one before is there, and the stack frame is its own.
    pub(super) fn function(&mut self, function: FnRef, at: At) {
        if !self.called.contains(&function) {
            self.errors.push(FlowError::NeverCalled { at: at.into() });
        }
        if self.reachable {
            self.errors.push(FlowError::RunsOn { at: at.into() });
        }
        self.now = State::default();
        self.reachable = true;
        self.depth = 0;
    }

    /// The value that a holder holds now; one that is nowhere if it holds none.
    pub(super) fn latest(&self, holder: Holder) -> Use {
        Use { holder, id: self.now.held(holder).first().copied().unwrap_or(Id::MAX) }
    }

    /// One more thing that is known of what a holder holds.
    pub(super) fn prove(&mut self, holder: Holder) -> Use {
        let id = self.new_id();
        self.now.held_mut(holder).ids.push(id);
        Use { holder, id }
    }

    /// A call: `r0` to `r5` are gone.
    pub(super) fn call(&mut self, at: At) {
        for holder in scratch() {
            let held = self.now.held_mut(holder);
            held.ids.clear();
            held.ended = Some((Ended::Called, at));
        }
    }

    /// Nothing is known of any register any more.
    pub(super) fn forget(&mut self, at: At) {
        for holder in 0..FIRST_OBJECT {
            let held = self.now.held_mut(holder);
            held.ids.clear();
            held.ended = Some((Ended::Overwritten, at));
        }
        self.reachable = true;
    }

    /// A value is used: it must still be there.
    pub(super) fn check(&mut self, used: Use, at: At) {
        if !self.reachable || self.now.held(used.holder).contains(&used.id) {
            return;
        }
        let (ended, by) = self.now.ended(used.holder, at);
        self.errors.push(FlowError::Lost {
            holder: name(used.holder),
            used: at.into(),
            ended,
            by: by.into(),
        });
    }

    pub(super) fn label(&mut self) -> usize {
        self.labels.push(None);
        self.bound.push(None);
        self.labels.len() - 1
    }

    /// A jump to a label. `restamp` are values that get a new id on the way.
    pub(super) fn jump(&mut self, label: usize, restamp: &[(Use, Id)], at: At) {
        if !self.reachable {
            return;
        }
        if let Some(bound) = self.bound.get(label).copied().flatten() {
            self.errors.push(FlowError::Backward { at: at.into(), bound: bound.into() });
            return;
        }
        let mut state = self.now.clone();
        for (used, id) in restamp {
            let held = state.held_mut(used.holder);
            held.ids.push(*id);
        }
        if let Some(Some(known)) = self.labels.get(label) {
            self.compare(known.unlike(&state), at);
        }
        match self.labels.get_mut(label) {
            Some(Some(known)) => known.meet(&state, at),
            Some(unknown) => *unknown = Some(state),
            None => {}
        }
    }

    /// Something is taken that has to be given back.
    pub(super) fn acquire(&mut self, what: &'static str, taken: At) -> Reference {
        let reference = Reference { id: self.new_id(), what, taken };
        self.resume(reference);
        reference
    }

    /// It's there again: on the other way it wasn't.
    pub(super) fn resume(&mut self, reference: Reference) {
        self.now.open.push(reference);
    }

    /// It isn't there on one way.
    pub(super) fn suspend(&mut self, reference: Reference) {
        self.now.open.retain(|open| *open != reference);
    }

    /// It's given back.
    pub(super) fn give_back(&mut self, reference: Reference) {
        self.suspend(reference);
    }

    /// The function or the program ends here: nothing may be left to give back.
    pub(super) fn leave(&mut self, at: At) {
        self.may_leave(at);
        self.end();
    }

    /// The program may end here: nothing may be left to give back.
    pub(super) fn may_leave(&mut self, at: At) {
        if self.reachable {
            for Reference { what, taken, .. } in std::mem::take(&mut self.now.open) {
                self.errors.push(FlowError::NotGivenBack { at: at.into(), what, taken: taken.into() });
            }
        }
    }

    /// Ways meet, of which one has to give something back that the other hasn't.
    fn compare(&mut self, unlike: Option<Reference>, at: At) {
        if let Some(Reference { what, taken, .. }) = unlike {
            self.errors.push(FlowError::GivenBackOnSome { at: at.into(), what, taken: taken.into() });
        }
    }

    /// The way ends here.
    pub(super) fn end(&mut self) {
        self.reachable = false;
    }

    /// A value gets a second id, as if it had come by a jump.
    pub(super) fn adopt(&mut self, used: Use, id: Id) {
        self.now.held_mut(used.holder).ids.push(id);
    }

    /// A label is put here: the ways of its jumps join the one that comes from above.
    pub(super) fn bind(&mut self, label: usize, at: At) {
        if let Some(bound) = self.bound.get_mut(label) {
            *bound = Some(at);
        }
        match (self.labels.get(label).cloned().flatten(), self.reachable) {
            (Some(state), false) => {
                self.now = state;
                self.reachable = true;
            }
            (Some(state), true) => {
                self.compare(self.now.unlike(&state), at);
                self.now.meet(&state, at);
            }
            (None, _) => {}
        }
    }

    /// A loop's head, where its jump back joins: what is carried gets ids of its own, since each round brings other values, and
    /// the scratch registers besides are forgotten. Gives what the head counts on, and the carried values inside.
    pub(super) fn head(&mut self, carried: &[Use], counter: Use, at: At) -> (State, Vec<Use>) {
        for holder in scratch().filter(|holder| *holder != counter.holder) {
            let held = self.now.held_mut(holder);
            held.ids.clear();
            held.ended = Some((Ended::Joined, at));
        }
        let inside = carried.iter().map(|used| self.write(used.holder, at)).collect();
        (self.now.clone(), inside)
    }

    /// A loop's end: what its head counts on must still hold, but for what is carried.
    pub(super) fn back(&mut self, head: &State, carried: &[Use], at: At) {
        self.compare(head.unlike(&self.now), at);
        for holder in 0..head.held.len() {
            if carried.iter().any(|used| used.holder == holder) {
                continue;
            }
            if head.held(holder).iter().any(|id| !self.now.held(holder).contains(id)) {
                let (ended, by) = self.now.ended(holder, at);
                let (at, by) = (at.into(), by.into());
                self.errors.push(FlowError::LoopChanges { holder: name(holder), at, ended, by });
            }
        }
    }

    /// Room for a stack object; its distance from the frame pointer.
    pub(super) fn object(&mut self, size: u32, align: u32, at: At) -> (Holder, i32) {
        self.depth = (self.depth + size).next_multiple_of(align.max(1));
        if self.depth > MAX_BPF_STACK {
            self.errors.push(FlowError::StackFull { at: at.into(), bytes: self.depth });
        }
        self.objects += 1;
        (FIRST_OBJECT + self.objects - 1, -(self.depth as i32))
    }
}
