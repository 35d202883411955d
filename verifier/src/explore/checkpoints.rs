//! The states that are remembered.

use std::ops::{Index, IndexMut};

use super::path::Path;
use crate::state::State;

/// The number of a checkpoint.
pub(super) type CheckpointId = usize;

/// A state that others are compared with, and the path that led to it.
#[derive(Debug)]
pub(super) struct Checkpoint {
    pub(super) state: State,
    pub(super) path: Path,
    pub(super) insn: usize,
    /// How many paths from here aren't at their end.
    pub(super) branches: u32,
    pub(super) hits: u32,
    pub(super) misses: u32,
    /// Out of its list; goes when no path needs it.
    pub(super) evicted: bool,
    /// What nothing reads any more is forgotten.
    pub(super) cleaned: bool,
    /// How many checkpoints stand before it on its path.
    pub(super) depth: u32,
    /// The head of the loop that it's in, or a state of that loop, where loops aren't found before the walk.
    pub(super) loop_entry: Option<CheckpointId>,
    /// It's the `loop_entry` of another.
    pub(super) heads_loop: bool,
}

/// The list that a checkpoint is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct List(usize);

/// All checkpoints, and those that states are compared with, in lists by instruction and call site. What is asked for by its
/// number must be there: a checkpoint lives as long as a path needs it.
#[derive(Debug)]
pub(super) struct Checkpoints {
    all: Vec<Option<Box<Checkpoint>>>,
    /// The newest last.
    lists: Vec<Vec<CheckpointId>>,
}

impl Checkpoints {
    /// None yet, of a program of so many slots.
    pub(super) fn new(slots: usize) -> Self {
        Self { all: Vec::new(), lists: vec![Vec::new(); slots] }
    }

    /// The list of an instruction in a function called from somewhere.
    pub(super) fn list(&self, insn: usize, callsite: Option<usize>) -> List {
        // The entry function's call site is -1.
        let callsite = callsite.map_or(u32::MAX, |callsite| callsite as u32);
        List((insn as u32 ^ callsite) as usize % self.lists.len())
    }

    /// The checkpoints of a list, the newest last.
    pub(super) fn of(&self, list: List) -> &[CheckpointId] {
        &self.lists[list.0]
    }

    /// Takes a list out while it's looked at.
    pub(super) fn take(&mut self, list: List) -> Vec<CheckpointId> {
        std::mem::take(&mut self.lists[list.0])
    }

    /// Puts it back, with what is left of it.
    pub(super) fn put_back(&mut self, list: List, ids: Vec<CheckpointId>) {
        self.lists[list.0] = ids;
    }

    /// Adds the newest of a list.
    pub(super) fn add(&mut self, list: List, checkpoint: Checkpoint) -> CheckpointId {
        let id = self.all.len();
        self.all.push(Some(Box::new(checkpoint)));
        self.lists[list.0].push(id);
        id
    }

    /// Forgets one. Its number isn't given to another, as marks may name it.
    pub(super) fn forget(&mut self, id: CheckpointId) {
        self.all[id] = None;
    }

    /// One that may have been forgotten.
    pub(super) fn get(&self, id: CheckpointId) -> Option<&Checkpoint> {
        self.all[id].as_deref()
    }

    /// The same, changeable.
    pub(super) fn get_mut(&mut self, id: CheckpointId) -> Option<&mut Checkpoint> {
        self.all[id].as_deref_mut()
    }
}

impl Index<CheckpointId> for Checkpoints {
    type Output = Checkpoint;

    fn index(&self, id: CheckpointId) -> &Checkpoint {
        self.get(id).expect("a checkpoint lives as long as a path needs it")
    }
}

impl IndexMut<CheckpointId> for Checkpoints {
    fn index_mut(&mut self, id: CheckpointId) -> &mut Checkpoint {
        self.get_mut(id).expect("a checkpoint lives as long as a path needs it")
    }
}
