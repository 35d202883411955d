//! The branches that wait to be walked.

use super::path::Path;
use crate::message::Message;
use crate::state::State;
use crate::stop::{Checked, refuse};

/// The most branches that wait to be walked.
const MAX_WAITING: usize = 8192;

/// A branch that waits to be walked.
#[derive(Debug)]
pub(super) struct Branch {
    pub(super) state: State,
    pub(super) path: Path,
    pub(super) insn: usize,
    pub(super) previous: usize,
    pub(super) log_position: usize,
}

/// The branches that wait, the newest last: it's the next to be walked.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    branches: Vec<Branch>,
}

impl Waiting {
    /// Whether no further branch can wait.
    pub(super) fn is_full(&self) -> bool {
        self.branches.len() >= MAX_WAITING
    }

    /// Refuses where no further branch can wait.
    pub(super) fn check_room(&self, errno: i32) -> Checked {
        if self.is_full() {
            return refuse(errno, Message::TooManyJumps { jumps: (MAX_WAITING + 1).into() });
        }
        Ok(())
    }

    pub(super) fn push(&mut self, branch: Branch) {
        self.branches.push(branch);
    }

    pub(super) fn pop(&mut self) -> Option<Branch> {
        self.branches.pop()
    }

    /// The state of the newest.
    pub(super) fn newest(&mut self) -> &mut State {
        &mut self.branches.last_mut().expect("an instruction asks for what it has put aside").state
    }
}
