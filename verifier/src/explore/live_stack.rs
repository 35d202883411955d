//! Which stack slots are read later: tracked by instruction, for each function in each chain of calls.
//!
//! The sets and their equations are those of `docs/verifier-rules.md`, "Which slots are read later".

use std::collections::HashMap;

use super::listing::push_slots;
use crate::log::Log;
use crate::state::Frame;
use crate::structure::{Flow, Structure};

/// What an instruction does with the slots of one frame, each a bit, by all the paths that have walked it.
#[derive(Debug, Clone, Copy, Default)]
struct Effect {
    /// Those that some path read.
    reads: u64,
    /// Those that every path wrote as a whole.
    writes: u64,
}

/// What is to come from a point of a function on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Ahead {
    /// The slots that may be read before they are written.
    live: u64,
    /// The slots that are written on every way to the function's end.
    sure: u64,
}

impl Ahead {
    /// Where one of several ways is taken. Where there is none, the function ends, and nothing is to come.
    fn of_any(mut ways: impl Iterator<Item = Self>) -> Self {
        let Some(first) = ways.next() else {
            return Self::default();
        };
        ways.fold(first, |all, way| Self { live: all.live | way.live, sure: all.sure & way.sure })
    }

    /// The same, with an instruction before it.
    fn with(self, before: Effect) -> Self {
        Self { live: self.live & !before.writes | before.reads, sure: self.sure | before.writes }
    }
}

/// One instruction, as one frame sees it.
#[derive(Debug, Clone, Copy, Default)]
struct Point {
    effect: Effect,
    ahead: Ahead,
}

/// One function in one chain of calls.
#[derive(Debug)]
struct Instance {
    start: usize,
    /// By frame, by instruction of the function.
    frames: Vec<Vec<Point>>,
    visited: Vec<bool>,
    /// An effect has changed so that what is ahead may be something else.
    is_stale: bool,
    /// A write that was certain isn't any more: what is sure is found anew.
    is_less_sure: bool,
}

/// In loops that are entered at several places, what was ahead before may go round for ever. Others need a few sweeps.
const MOST_SWEEPS: u32 = 10_000;

/// The calls that lead to a function, the first slot of the function last.
type Chain = Vec<usize>;

/// All functions in all chains of calls.
#[derive(Debug, Default)]
pub(super) struct LiveStack {
    instances: Vec<(Chain, usize, Instance)>,
    by_chain: HashMap<Chain, usize>,
    /// The current instances, the innermost last.
    current: Vec<usize>,
    insn: usize,
    writes: [u64; 8],
    pending: bool,
}

impl LiveStack {
    pub(super) fn enter_main(&mut self, structure: &Structure, start: usize) {
        self.current.clear();
        let instance = self.instance(structure, vec![start], 0);
        self.current.push(instance);
    }

    pub(super) fn enter(&mut self, structure: &Structure, callsite: usize, subprogram: usize) {
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
    pub(super) fn leave(&mut self) {
        self.current.pop();
        self.pending = false;
    }

    /// Makes the chain of a state's calls the current one.
    pub(super) fn follow(&mut self, structure: &Structure, frames: &[crate::state::Frame]) {
        self.current.truncate(1);
        for frame in &frames[1..] {
            if let Some(callsite) = frame.callsite {
                self.enter(structure, callsite, frame.subprogram);
            }
        }
    }

    fn instance(&mut self, structure: &Structure, chain: Chain, subprogram: usize) -> usize {
        if let Some(&known) = self.by_chain.get(&chain) {
            return known;
        }
        let (start, end) = (structure.starts[subprogram], structure.starts[subprogram + 1]);
        let frames = vec![vec![Point::default(); end - start]; chain.len()];
        let visited = vec![false; end - start];
        let instance = Instance { start, frames, visited, is_stale: false, is_less_sure: false };
        self.instances.push((chain.clone(), subprogram, instance));
        self.by_chain.insert(chain, self.instances.len() - 1);
        self.instances.len() - 1
    }

    fn innermost(&mut self) -> &mut Instance {
        let current = self.current[self.current.len() - 1];
        &mut self.instances[current].2
    }

    pub(super) fn begin_insn(&mut self, insn: usize) {
        self.insn = insn;
        self.writes = [0; 8];
        self.pending = true;
    }

    pub(super) fn read(&mut self, frame: usize, insn: usize, slots: u64) {
        self.innermost().read(frame, insn, slots);
    }

    pub(super) fn write(&mut self, frame: usize, slot: usize) {
        self.writes[frame] |= 1 << slot;
    }

    /// The instruction is over: what it has written on every path so far is certain.
    pub(super) fn commit(&mut self) {
        if !std::mem::take(&mut self.pending) {
            return;
        }
        let (insn, writes) = (self.insn, self.writes);
        self.innermost().commit(insn, &writes);
    }

    /// The slots of each frame of a state that may be read from an instruction on.
    pub(super) fn alive(&self, structure: &Structure, frames: &[Frame], insn: usize) -> Vec<u64> {
        let calls: Vec<usize> = frames.iter().filter_map(|frame| frame.callsite).collect();
        let mut alive = vec![0; frames.len()];
        for (depth, frame) in frames.iter().enumerate() {
            let next = match calls.get(depth) {
                None => insn,
                // A helper that calls back may do so again.
                Some(&call) if structure.calls_back[call] => call,
                Some(&call) => call + 1,
            };
            let mut chain = calls[..depth].to_vec();
            chain.push(structure.starts[frame.subprogram]);
            let Some(&number) = self.by_chain.get(&chain) else {
                continue;
            };
            // What a function may read is its own frame and those of its callers.
            for (live, ahead) in alive.iter_mut().zip(self.instances[number].2.ahead(next)) {
                *live |= ahead.live;
            }
        }
        alive
    }

    /// A path has ended: finds what is ahead anew where something has changed, from the innermost function out.
    pub(super) fn settle(&mut self, flow: &Flow, structure: &Structure, log: &mut Log) {
        for depth in (0..self.current.len()).rev() {
            let number = self.current[depth];
            let (chain, subprogram, instance) = &mut self.instances[number];
            if !std::mem::take(&mut instance.is_stale) {
                continue;
            }
            let shown = if log.is_full() { shown(chain) } else { String::new() };
            let order = &flow.postorder[*subprogram];
            let sweeps = instance.settle(&mut Sweep { order, flow, structure, shown: &shown, log });
            if log.is_full() {
                log.write(format_args!("{shown} live stack update done in {sweeps} iterations\n"));
            }
            if depth > 0 {
                self.tell_caller(depth);
            }
        }
        self.pending = false;
    }

    /// To its caller a function is an instruction: the call, which does what is ahead at the function's start.
    fn tell_caller(&mut self, depth: usize) {
        let (chain, _, instance) = &self.instances[self.current[depth]];
        let callsite = chain[chain.len() - 2];
        let ahead: Vec<Ahead> = instance.ahead(instance.start).take(depth).collect();
        let caller = &mut self.instances[self.current[depth - 1]].2;
        let mut writes = [0; 8];
        for (frame, ahead) in ahead.iter().enumerate() {
            writes[frame] = ahead.sure;
            caller.read(frame, callsite, ahead.live);
        }
        caller.commit(callsite, &writes);
    }
}

/// What a sweep over a function's instructions goes by, and where it writes what it changes.
struct Sweep<'a> {
    order: &'a [usize],
    flow: &'a Flow,
    structure: &'a Structure,
    shown: &'a str,
    log: &'a mut Log,
}

impl Instance {
    /// What is ahead of an instruction, by frame; nothing if it's in another function.
    fn ahead(&self, insn: usize) -> impl Iterator<Item = Ahead> {
        let at = insn.checked_sub(self.start);
        self.frames.iter().map_while(move |points| Some(points.get(at?)?.ahead))
    }

    fn read(&mut self, frame: usize, insn: usize, slots: u64) {
        let Point { effect, ahead } = &mut self.frames[frame][insn - self.start];
        self.is_stale |= slots & !effect.reads & !ahead.live != 0;
        effect.reads |= slots;
    }

    /// What an instruction writes on every path that came here is certain.
    fn commit(&mut self, insn: usize, writes: &[u64; 8]) {
        let at = insn - self.start;
        let first = !std::mem::replace(&mut self.visited[at], true);
        for (points, &writes) in self.frames.iter_mut().zip(writes) {
            let certain = &mut points[at].effect.writes;
            let now = if first { writes } else { *certain & writes };
            if now != *certain {
                self.is_stale = true;
                self.is_less_sure |= *certain & !now != 0;
                *certain = now;
            }
        }
    }

    /// Finds what is ahead, back from the ends of the function; returns how many sweeps that took.
    fn settle(&mut self, sweep: &mut Sweep<'_>) -> u32 {
        if std::mem::take(&mut self.is_less_sure) {
            for point in self.frames.iter_mut().flatten() {
                point.ahead.sure = 0;
            }
        }
        let mut sweeps = 1;
        while self.sweep(sweep) {
            if sweeps == MOST_SWEEPS {
                self.forget_ahead();
            }
            sweeps += 1;
        }
        sweeps
    }

    /// From nothing, what is ahead only grows, so that the sweeps come to an end.
    fn forget_ahead(&mut self) {
        for point in self.frames.iter_mut().flatten() {
            point.ahead = Ahead::default();
        }
    }

    /// Looks at each instruction once, those that come later first; says whether anything has changed.
    fn sweep(&mut self, sweep: &mut Sweep<'_>) -> bool {
        let start = self.start;
        let mut has_changed = false;
        for (frame, points) in self.frames.iter_mut().enumerate() {
            for &insn in sweep.order {
                let next = sweep.flow.successors[insn].as_slice();
                let Point { effect, ahead: was } = points[insn - start];
                let now = Ahead::of_any(next.iter().map(|next| points[next - start].ahead)).with(effect);
                if now == was {
                    continue;
                }
                has_changed = true;
                points[insn - start].ahead = now;
                let acts = effect.reads | effect.writes != 0;
                if sweep.log.is_full() && (acts || insn == start || sweep.structure.prune[insn]) {
                    let mut show =
                        |what, old, new| write_change(sweep.log, sweep.shown, what, frame, insn, old, new);
                    show("live", was.live, now.live);
                    show("written", was.sure, now.sure);
                }
            }
        }
        has_changed
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structure::Successors;

    const INSNS: usize = 7;
    const SLOTS: u64 = 4;

    /// Numbers that look random, from a seed.
    struct Random(u64);

    impl Random {
        fn below(&mut self, limit: u64) -> u64 {
            self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            (self.0 >> 33) % limit
        }

        /// A set of some slots.
        fn slots(&mut self) -> u64 {
            self.below(1 << SLOTS) & self.below(1 << SLOTS)
        }
    }

    /// A flow in which instructions lead to later ones, or also to the first if there may be loops.
    fn flow(random: &mut Random, loops: bool) -> Flow {
        let mut successors = vec![Successors::default(); INSNS];
        for (at, found) in successors.iter_mut().enumerate().take(INSNS - 1) {
            for _ in 0..random.below(3) {
                let later = at + 1 + random.below((INSNS - at - 1) as u64) as usize;
                found.push(if loops && random.below(3) == 0 { 0 } else { later });
            }
        }
        Flow { postorder: vec![(0..INSNS).rev().collect()], successors, ..Flow::default() }
    }

    fn instance() -> Instance {
        let frames = vec![vec![Point::default(); INSNS]];
        Instance { start: 0, frames, visited: vec![false; INSNS], is_stale: false, is_less_sure: false }
    }

    fn settle(instance: &mut Instance, flow: &Flow) {
        let structure = Structure::default();
        let mut log = Log::new(crate::profile::Profile::NEWEST.rules().version, 0, 0);
        let order = &flow.postorder[0];
        instance.settle(&mut Sweep { order, flow, structure: &structure, shown: "", log: &mut log });
    }

    /// Whether some way from an instruction on reads a slot before it writes it.
    fn may_be_read(instance: &Instance, flow: &Flow, at: usize, slot: u64, seen: &mut [bool]) -> bool {
        let Effect { reads, writes } = instance.frames[0][at].effect;
        if std::mem::replace(&mut seen[at], true) || reads & slot != 0 || writes & slot != 0 {
            return reads & slot != 0;
        }
        let next = flow.successors[at].as_slice();
        next.iter().any(|&next| may_be_read(instance, flow, next, slot, seen))
    }

    /// Whether every way from an instruction on writes a slot, where there are no loops.
    fn is_written(instance: &Instance, flow: &Flow, at: usize, slot: u64) -> bool {
        let next = flow.successors[at].as_slice();
        instance.frames[0][at].effect.writes & slot != 0
            || !next.is_empty() && next.iter().all(|&next| is_written(instance, flow, next, slot))
    }

    #[test]
    fn what_is_ahead_is_what_all_ways_do() {
        let mut random = Random(7);
        for round in 0..2000 {
            let loops = round % 2 == 0;
            let flow = flow(&mut random, loops);
            let mut walked = instance();
            for _ in 0..4 {
                // Paths walk some instructions, then what is ahead is found, then others follow.
                for _ in 0..5 {
                    let at = random.below(INSNS as u64) as usize;
                    walked.read(0, at, random.slots());
                    walked.commit(at, &[random.slots(), 0, 0, 0, 0, 0, 0, 0]);
                }
                settle(&mut walked, &flow);
            }
            let mut fresh = instance();
            for (new, old) in fresh.frames[0].iter_mut().zip(&walked.frames[0]) {
                new.effect = old.effect;
            }
            settle(&mut fresh, &flow);
            for at in 0..INSNS {
                let (ahead, at_once) = (walked.frames[0][at].ahead, fresh.frames[0][at].ahead);
                for slot in (0..SLOTS).map(|slot| 1 << slot) {
                    let live = may_be_read(&walked, &flow, at, slot, &mut [false; INSNS]);
                    assert_eq!(at_once.live & slot != 0, live, "round {round}, instruction {at}");
                    if !loops {
                        let sure = is_written(&walked, &flow, at, slot);
                        assert_eq!(at_once.sure & slot != 0, sure, "round {round}, instruction {at}");
                    }
                }
                // Found little by little it's the same, but what is live in a loop stays so when writes become certain.
                assert_eq!(ahead.live & at_once.live, at_once.live, "round {round}, instruction {at}");
                assert!(loops || ahead == at_once, "round {round}, instruction {at}");
            }
        }
    }

    /// In the order of the sweep each of three instructions hands on what the next one had before it.
    #[test]
    fn what_was_ahead_does_not_go_round_for_ever() {
        let mut successors = vec![Successors::default(); INSNS];
        for (at, next) in [(0, 1), (1, 2), (2, 0)] {
            successors[at].push(next);
        }
        let flow = Flow { postorder: vec![vec![0, 1, 2]], successors, ..Flow::default() };
        let mut instance = instance();
        instance.frames[0][1].ahead.live = 1;
        settle(&mut instance, &flow);
        assert!(instance.frames[0].iter().all(|point| point.ahead == Ahead::default()));
    }
}
