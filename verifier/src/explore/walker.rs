//! The loop over instructions and paths.

use knockwright_asm::opcode;

use super::{Counters, Explorer, Now};
use crate::log::Log;
use crate::machine::{At, Facts, Machine, Next};
use crate::program::is_bug;
use crate::stop::Checked;

/// The walk through every path of a program.
#[derive(Debug)]
pub(crate) struct Walker<'a> {
    machine: Machine<'a, Explorer<'a>>,
    /// The slots that some path came by.
    seen: Vec<bool>,
}

impl<'a> Walker<'a> {
    /// Before the first instruction.
    pub(crate) fn new(facts: Facts<'a>, log: &'a mut Log) -> Self {
        let seen = vec![false; facts.subject.slots.len()];
        Self { machine: Machine::new(facts, Explorer::new(facts, log)), seen }
    }

    /// What was counted so far.
    pub(crate) fn counters(&self) -> Counters {
        self.machine.explorer.counters
    }

    /// The last instruction that the log shows, at whatever level.
    pub(crate) fn last_insn(&self) -> Option<usize> {
        self.machine.explorer.listing.last_insn()
    }

    /// The deepest stack use of each function, in bytes.
    pub(crate) fn stack_depth(&self) -> &[usize] {
        self.machine.found.stack_depth()
    }

    /// The slots that some path came by.
    pub(crate) fn seen(&self) -> &[bool] {
        &self.seen
    }

    /// Walks every path of the entry function.
    pub(crate) fn run(&mut self) -> Checked {
        loop {
            self.walk_path()?;
            let Machine { state, insn, changes, explorer, .. } = &mut self.machine;
            changes.add_all();
            explorer.end_branch(At { state, insn: *insn })?;
            explorer.liveness.end_path(explorer.facts, &mut explorer.listing);
            let Some(next) = explorer.waiting.pop() else {
                break;
            };
            explorer.listing.drop_path(next.log_position);
            let depth = next.path.parent.map_or(0, |parent| explorer.checkpoints[parent].depth + 1);
            explorer.trail.resume(next.path, depth, next.previous);
            explorer.liveness.follow(explorer.facts.structure, &next.state.frames);
            *state = next.state;
            *insn = next.insn;
            changes.whole = true;
        }
        self.machine.explorer.listing.drop_path(0);
        Ok(())
    }

    /// Walks from the current instruction to the end of the path.
    fn walk_path(&mut self) -> Checked {
        loop {
            if self.begin_insn()? {
                return Ok(());
            }
            let at = self.machine.insn;
            match self.walk_insn()? {
                Next::Follow => self.machine.insn += 1,
                Next::Jump(to) => self.machine.insn = to,
                Next::End => return Ok(()),
            }
            self.machine.explorer.trail.end_insn(at);
        }
    }

    /// Before an instruction: whether its state is known, so that the path has come to its end.
    fn begin_insn(&mut self) -> Checked<bool> {
        let last_id = self.machine.last_id();
        let masks_matter = self.machine.found.masks_matter();
        let Machine { subject, structure, rules, state, insn, changes, explorer, .. } = &mut self.machine;
        let insn = *insn;
        explorer.trail.begin_insn();
        explorer.counters.count_insn()?;
        let previous = explorer.trail.shown_previous();
        if structure.prune[insn] {
            let mut now = Now { state, insn, last_id, masks_matter };
            if explorer.is_known_state(&mut now)? {
                explorer.listing.safe(now.at(), *changes, previous);
                return Ok(true);
            }
        }
        if structure.joins[insn] {
            explorer.trail.step(insn);
        }
        explorer.listing.before(At { state, insn }, changes, previous);
        let slot = subject.slots[insn];
        if structure.insns[insn].is_some() || !is_bug(slot, rules.version) {
            explorer.listing.pass(insn);
        }
        if !state.speculative {
            self.seen[insn] = true;
            if slot.opcode == opcode::LD_IMM64 {
                self.seen[insn + 1] = true;
            }
        }
        explorer.liveness.begin_insn(insn);
        Ok(false)
    }

    /// Walks the current instruction, but where a barrier before or after it ends speculation.
    fn walk_insn(&mut self) -> Checked<Next> {
        let at = self.machine.insn;
        if self.machine.state.speculative && self.machine.found.barrier(at).before {
            return Ok(Next::End);
        }
        let next = match self.machine.step() {
            Err(stop) if self.machine.ends_speculation(&stop) => {
                self.machine.say(&stop);
                // On this path the instruction wrote nothing.
                Ok(Next::End)
            }
            next => next,
        }?;
        self.machine.explorer.liveness.end_insn();
        let machine = &self.machine;
        if machine.state.speculative && machine.rules.speculation_barriers && machine.found.barrier(at).after
        {
            return Ok(Next::End);
        }
        Ok(next)
    }
}
