//! Which stack slots are read later: tracked by instruction, for each function in each chain of calls.

use std::collections::HashMap;

use super::flow::Flow;
use super::precision::push_slots;
use super::walker::Walker;
use crate::check::structure::Structure;
use crate::log::Log;

/// What is known of the slots of one frame at one instruction, each a bit.
#[derive(Debug, Clone, Copy, Default)]
struct Masks {
    may_read: u64,
    must_write: u64,
    written: u64,
    live: u64,
}

/// One function in one chain of calls.
#[derive(Debug)]
struct Instance {
    start: usize,
    /// By frame, by instruction of the function.
    frames: Vec<Vec<Masks>>,
    visited: Vec<bool>,
    updated: bool,
    /// A write that was certain isn't any more: what was found is found anew.
    dropped: bool,
}

/// The calls that lead to a function, the first slot of the function last.
type Chain = Vec<usize>;

/// All functions in all chains of calls.
#[derive(Debug, Default)]
pub(crate) struct LiveStack {
    instances: Vec<(Chain, usize, Instance)>,
    by_chain: HashMap<Chain, usize>,
    /// The current instances, the innermost last.
    current: Vec<usize>,
    insn: usize,
    writes: [u64; 8],
    pending: bool,
}

impl LiveStack {
    pub(crate) fn enter_main(&mut self, structure: &Structure, start: usize) {
        self.current.clear();
        let instance = self.instance(structure, vec![start], 0);
        self.current.push(instance);
    }

    pub(crate) fn enter(&mut self, structure: &Structure, callsite: usize, subprogram: usize) {
        let mut chain = self.instances[self.current[self.current.len() - 1]].0.clone();
        chain.pop();
        chain.push(callsite);
        chain.push(structure.starts[subprogram]);
        self.commit();
        let instance = self.instance(structure, chain, subprogram);
        self.current.push(instance);
    }

    /// The innermost function returns.
    pub(crate) fn leave(&mut self) {
        self.current.pop();
        self.pending = false;
    }

    /// Makes the chain of a state's calls the current one.
    pub(crate) fn follow(&mut self, structure: &Structure, frames: &[crate::state::Frame]) {
        self.current.truncate(1);
        for frame in &frames[1..] {
            let callsite = frame.callsite.unwrap_or(0);
            self.pending = false;
            self.enter(structure, callsite, frame.subprogram);
        }
    }

    fn instance(&mut self, structure: &Structure, chain: Chain, subprogram: usize) -> usize {
        if let Some(&known) = self.by_chain.get(&chain) {
            return known;
        }
        let (start, end) = (structure.starts[subprogram], structure.starts[subprogram + 1]);
        let frames = vec![vec![Masks::default(); end - start]; chain.len()];
        let instance =
            Instance { start, frames, visited: vec![false; end - start], updated: false, dropped: false };
        self.instances.push((chain.clone(), subprogram, instance));
        self.by_chain.insert(chain, self.instances.len() - 1);
        self.instances.len() - 1
    }

    fn innermost(&mut self) -> &mut Instance {
        let current = self.current[self.current.len() - 1];
        &mut self.instances[current].2
    }

    pub(crate) fn begin_insn(&mut self, insn: usize) {
        self.insn = insn;
        self.writes = [0; 8];
        self.pending = true;
    }

    pub(crate) fn read(&mut self, frame: usize, insn: usize, slots: u64) {
        let instance = self.innermost();
        let at = insn - instance.start;
        let masks = &mut instance.frames[frame][at];
        instance.updated |= slots & !masks.may_read & !masks.live != 0;
        masks.may_read |= slots;
    }

    pub(crate) fn write(&mut self, frame: usize, slot: usize) {
        self.writes[frame] |= 1 << slot;
    }

    /// The instruction is over: what it has written on every path so far is certain.
    pub(crate) fn commit(&mut self) {
        if !std::mem::take(&mut self.pending) {
            return;
        }
        let (insn, writes) = (self.insn, self.writes);
        let instance = self.innermost();
        let at = insn - instance.start;
        let first = !std::mem::replace(&mut instance.visited[at], true);
        for (frame, masks) in instance.frames.iter_mut().enumerate() {
            let masks = &mut masks[at];
            let now = if first { writes[frame] } else { masks.must_write & writes[frame] };
            if now != masks.must_write {
                instance.updated = true;
                instance.dropped |= masks.must_write & !now != 0;
                masks.must_write = now;
            }
        }
    }

    /// Whether a slot may be read from an instruction on.
    pub(crate) fn is_alive(&self, calls: &[usize], insn: usize, frame: usize, slot: usize) -> bool {
        let alive_at = |chain: &[usize], insn: usize| {
            self.instances
                .iter()
                .find(|(known, _, _)| known.len() == chain.len() + 1 && known[..chain.len()] == *chain)
                .is_some_and(|(_, _, instance)| {
                    insn.checked_sub(instance.start)
                        .and_then(|at| instance.frames.get(frame)?.get(at))
                        .is_some_and(|masks| masks.live & 1 << slot != 0)
                })
        };
        if alive_at(calls, insn) {
            return true;
        }
        (frame..calls.len()).any(|outer| alive_at(&calls[..outer], calls[outer] + 1))
    }
}

impl Instance {
    /// Finds what is live, back from the ends of the function.
    fn update(
        &mut self,
        chain: &Chain,
        subprogram: usize,
        flow: &Flow,
        structure: &Structure,
        log: &mut Log,
    ) {
        if !std::mem::take(&mut self.updated) {
            return;
        }
        if std::mem::take(&mut self.dropped) {
            for masks in self.frames.iter_mut().flatten() {
                masks.written = 0;
            }
        }
        let shown = shown(chain);
        let mut rounds = 0;
        loop {
            let mut changed = false;
            for frame in 0..self.frames.len() {
                for &insn in &flow.postorder[subprogram] {
                    changed |= self.update_insn(insn, frame, flow, structure, &shown, log);
                }
            }
            rounds += 1;
            if !changed {
                break;
            }
        }
        if log.is_full() {
            log.write(format_args!("{shown} live stack update done in {rounds} iterations\n"));
        }
    }

    fn update_insn(
        &mut self,
        insn: usize,
        frame: usize,
        flow: &Flow,
        structure: &Structure,
        shown: &str,
        log: &mut Log,
    ) -> bool {
        let successors = flow.successors[insn].as_slice();
        let (mut after, mut written) = (0, if successors.is_empty() { 0 } else { u64::MAX });
        for &next in successors {
            let masks = &self.frames[frame][next - self.start];
            after |= masks.live;
            written &= masks.written;
        }
        let start = self.start;
        let masks = &mut self.frames[frame][insn - start];
        written |= masks.must_write;
        let live = (after & !masks.must_write) | masks.may_read;
        let changed = live != masks.live || written != masks.written;
        if log.is_full()
            && (masks.may_read != 0 || masks.must_write != 0 || insn == start || structure.prune[insn])
        {
            write_change(log, shown, "live", frame, insn, masks.live, live);
            write_change(log, shown, "written", frame, insn, masks.written, written);
        }
        masks.live = live;
        masks.written = written;
        changed
    }
}

fn shown(chain: &Chain) -> String {
    let parts: Vec<String> = chain.iter().map(ToString::to_string).collect();
    format!("({})", parts.join(","))
}

fn write_change(log: &mut Log, chain: &str, what: &str, frame: usize, insn: usize, old: u64, new: u64) {
    if old == new {
        return;
    }
    log.write(format_args!("{chain} frame {frame} insn {insn} "));
    for (sign, mask) in [('+', new & !old), ('-', old & !new)] {
        if mask != 0 {
            log.write(format_args!("{sign}{what} "));
            push_slots(log.text_mut(), mask);
            if sign == '+' {
                log.push(" ");
            }
        }
    }
    log.push("\n");
}

impl Walker<'_> {
    /// A path has ended: finds what is live anew where something has changed.
    pub(crate) fn update_live_stack(&mut self) {
        for depth in (0..self.live_stack.current.len()).rev() {
            self.update_live_instance(depth);
        }
        self.live_stack.pending = false;
    }

    /// Updates the instance at a depth and tells its caller what the call reads and writes.
    fn update_live_instance(&mut self, depth: usize) {
        let number = self.live_stack.current[depth];
        let (chain, subprogram, instance) = &mut self.live_stack.instances[number];
        instance.update(chain, *subprogram, self.flow, self.structure, self.log);
        if depth == 0 {
            return;
        }
        let callsite = chain[chain.len() - 2];
        let entry: Vec<(u64, u64)> =
            instance.frames[..depth].iter().map(|masks| (masks[0].live, masks[0].written)).collect();
        let outer = self.live_stack.current[depth - 1];
        let outer = &mut self.live_stack.instances[outer].2;
        let at = callsite - outer.start;
        for (frame, (live, written)) in entry.into_iter().enumerate() {
            let masks = &mut outer.frames[frame][at];
            if masks.may_read | live != masks.may_read || masks.must_write | written != masks.must_write {
                masks.may_read |= live;
                masks.must_write |= written;
                outer.updated = true;
            }
        }
    }
}
