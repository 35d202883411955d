//! Which stack slots are read later: tracked by instruction, for each function in each chain of calls.

use std::collections::HashMap;

use super::flow::Flow;
use super::precision::push_slots;
use super::walker::Walker;
use crate::check::structure::Structure;
use crate::log::Log;
use crate::state::Frame;

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
        // What the call writes is known when the function has returned.
        self.pending = false;
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
        self.innermost().read(frame, insn, slots);
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
        self.innermost().commit(insn, &writes);
    }

    /// The slots of each frame of a state that may be read from an instruction on.
    pub(crate) fn alive(&self, structure: &Structure, frames: &[Frame], insn: usize) -> Vec<u64> {
        let calls: Vec<usize> = frames.iter().filter_map(|frame| frame.callsite).collect();
        let masks_at = |depth: usize, insn: usize, frame: usize| -> u64 {
            let mut chain = calls[..depth].to_vec();
            chain.push(structure.starts[frames[depth].subprogram]);
            let instance = self.by_chain.get(&chain).map(|&number| &self.instances[number].2);
            instance
                .and_then(|instance| {
                    let at = insn.checked_sub(instance.start)?;
                    instance.frames.get(frame)?.get(at)
                })
                .map_or(0, |masks| masks.live)
        };
        let of_frame = |frame: usize| {
            let outer = (frame..calls.len()).map(|depth| {
                // A helper that calls back may do so again.
                let call = calls[depth];
                let next = if structure.calls_back[call] { call } else { call + 1 };
                masks_at(depth, next, frame)
            });
            outer.fold(masks_at(calls.len(), insn, frame), |all, masks| all | masks)
        };
        (0..frames.len()).map(of_frame).collect()
    }
}

impl Instance {
    fn read(&mut self, frame: usize, insn: usize, slots: u64) {
        let masks = &mut self.frames[frame][insn - self.start];
        self.updated |= slots & !masks.may_read & !masks.live != 0;
        masks.may_read |= slots;
    }

    /// What an instruction writes on every path that came here is certain.
    fn commit(&mut self, insn: usize, writes: &[u64; 8]) {
        let at = insn - self.start;
        let first = !std::mem::replace(&mut self.visited[at], true);
        for (frame, masks) in self.frames.iter_mut().enumerate() {
            let masks = &mut masks[at];
            let now = if first { writes[frame] } else { masks.must_write & writes[frame] };
            if now != masks.must_write {
                self.updated = true;
                self.dropped |= masks.must_write & !now != 0;
                masks.must_write = now;
            }
        }
    }

    /// Finds what is live, back from the ends of the function; says whether there was anything to find.
    fn update(
        &mut self,
        chain: &Chain,
        subprogram: usize,
        flow: &Flow,
        structure: &Structure,
        log: &mut Log,
    ) -> bool {
        if !std::mem::take(&mut self.updated) {
            return false;
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
        true
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
        let updated = instance.update(chain, *subprogram, self.flow, self.structure, self.log);
        if depth == 0 || !updated {
            return;
        }
        let callsite = chain[chain.len() - 2];
        let entry: Vec<Masks> = instance.frames[..depth].iter().map(|masks| masks[0]).collect();
        let outer = self.live_stack.current[depth - 1];
        let outer = &mut self.live_stack.instances[outer].2;
        let mut writes = [0; 8];
        for (frame, masks) in entry.iter().enumerate() {
            writes[frame] = masks.written;
            outer.read(frame, callsite, masks.live);
        }
        outer.commit(callsite, &writes);
    }
}
