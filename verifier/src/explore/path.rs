//! The way that led to a state: jumps, meetings of paths and stack accesses, from checkpoint to checkpoint.

use super::checkpoints::CheckpointId;
use crate::machine::Linked;

/// An instruction on the way, if more must be remembered of it than that it comes after the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    insn: u32,
    /// The instruction walked before it.
    previous: Option<u32>,
    /// The frame and slot of the stack that the instruction spilled to or filled from.
    pub(super) stack: Option<(u8, u8)>,
    /// The registers and slots that were linked when the instruction compared one of them.
    pub(super) linked: Linked,
    /// Whether the destination and the source of a comparison point to the stack.
    pub(super) frame_pointers: [bool; 2],
}

impl Step {
    pub(super) fn insn(&self) -> usize {
        self.insn as usize
    }

    /// The instruction walked before it.
    pub(super) fn previous(&self) -> Option<usize> {
        self.previous.map(|previous| previous as usize)
    }
}

/// How a state came about.
#[derive(Debug, Clone, Default)]
pub(super) struct Path {
    /// The checkpoint before it.
    pub(super) parent: Option<CheckpointId>,
    /// The first instruction since then.
    pub(super) first: usize,
    /// The last instruction of the path; known once the path has moved on.
    pub(super) last: usize,
    /// The steps since then.
    pub(super) steps: Vec<Step>,
}

/// The way of the current state.
#[derive(Debug, Default)]
pub(super) struct Trail {
    path: Path,
    /// The checkpoints before the current state.
    depth: u32,
    /// The instruction walked last.
    previous: Option<usize>,
    /// The last step of the path belongs to the current instruction.
    step_is_current: bool,
}

impl Trail {
    /// Before the program's first instruction.
    pub(super) fn new(start: usize) -> Self {
        Self { path: Path { first: start, ..Path::default() }, ..Self::default() }
    }

    /// Another instruction is to be walked.
    pub(super) fn begin_insn(&mut self) {
        self.step_is_current = false;
        self.path.last = self.previous.unwrap_or(0);
    }

    /// An instruction has been walked.
    pub(super) fn end_insn(&mut self, insn: usize) {
        self.previous = Some(insn);
    }

    /// A path that was put aside is taken up.
    pub(super) fn resume(&mut self, path: Path, depth: u32, previous: usize) {
        self.path = path;
        self.depth = depth;
        self.previous = Some(previous);
    }

    /// The step of the current instruction.
    pub(super) fn step(&mut self, insn: usize) -> &mut Step {
        let is_known = self.step_is_current && self.path.steps.last().is_some_and(|step| step.insn() == insn);
        if !is_known {
            self.step_is_current = true;
            self.path.steps.push(Step {
                insn: insn as u32,
                previous: self.previous.map(|previous| previous as u32),
                stack: None,
                linked: [None; 6],
                frame_pointers: [false; 2],
            });
        }
        let last = self.path.steps.len() - 1;
        &mut self.path.steps[last]
    }

    /// The path since the last checkpoint.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the path out while it's looked at.
    pub(super) fn take_path(&mut self) -> Path {
        std::mem::take(&mut self.path)
    }

    /// Puts it back.
    pub(super) fn put_back(&mut self, path: Path) {
        self.path = path;
    }

    /// A checkpoint has been made of the path so far.
    pub(super) fn go_on_from(&mut self, checkpoint: CheckpointId, insn: usize) {
        let last = self.previous.unwrap_or(0);
        self.path = Path { parent: Some(checkpoint), first: insn, last, steps: Vec::new() };
        self.depth += 1;
        self.step_is_current = false;
    }

    /// The checkpoints before the current state.
    pub(super) fn depth(&self) -> u32 {
        self.depth
    }

    /// The instruction walked last, as the log writes it: -1 is none.
    pub(super) fn shown_previous(&self) -> i64 {
        self.previous.map_or(-1, |previous| previous as i64)
    }
}
