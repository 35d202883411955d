//! The walker: everything that the verification of one program needs to remember, and the loop over the instructions.

use std::collections::HashMap;

use knockwright_asm::linux::prog_type::PacketRights;

use super::flow::Flow;
use super::live_stack::LiveStack;
use crate::check::speculation::Barrier;
use crate::check::structure::Structure;
use crate::log::Log;
use crate::log::state_line::Parts;
use crate::message::Message;
use crate::options::Options;
use crate::profile::Rules;
use crate::program::{Line, ORDERED_ACCESSES, Shown, Subject, is_bug, push_insn};
use crate::state::{Frame, Kind, Reg, State};
use crate::stop::{Checked, E2BIG, Stop, refuse};

/// The most instructions that are walked.
const MAX_PROCESSED: u64 = 1_000_000;

/// The most branches that wait to be walked.
const MAX_PENDING: usize = 8192;

/// One step of the way that led to a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) insn: usize,
    pub(crate) previous: usize,
    /// The frame and slot of the stack that the instruction spilled to or filled from.
    pub(crate) stack: Option<(u8, u8)>,
    /// The registers and slots that were equal when the instruction compared one of them.
    pub(crate) linked: [Option<Linked>; 6],
    /// Whether the destination and the source of a comparison point to the stack.
    pub(crate) frame_pointers: [bool; 2],
}

/// A register or a stack slot of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Linked {
    pub(crate) frame: u8,
    pub(crate) is_reg: bool,
    pub(crate) index: u8,
}

/// How a state came about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Path {
    /// The checkpoint before it.
    pub(crate) parent: Option<CheckpointId>,
    /// The first instruction since then.
    pub(crate) first: usize,
    /// The last instruction of the path; known once the path has moved on.
    pub(crate) last: usize,
    /// The jumps and the stack accesses since then.
    pub(crate) steps: Vec<Step>,
}

/// The number of a checkpoint.
pub(crate) type CheckpointId = usize;

/// A remembered state.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    pub(crate) state: State,
    pub(crate) path: Path,
    pub(crate) insn: usize,
    /// How many paths from here aren't at their end.
    pub(crate) branches: u32,
    pub(crate) hits: u32,
    pub(crate) misses: u32,
    /// Out of its list; goes when no path needs it.
    pub(crate) evicted: bool,
    /// What nothing reads any more is forgotten.
    pub(crate) cleaned: bool,
    /// How many checkpoints stand before it on its path.
    pub(crate) depth: u32,
    /// The head of the loop that it's in, or a state of that loop, where loops aren't found before the walk.
    pub(crate) loop_entry: Option<CheckpointId>,
    /// It's the `loop_entry` of another.
    pub(crate) heads_loop: bool,
}

/// A branch that waits to be walked.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) state: State,
    pub(crate) path: Path,
    pub(crate) insn: usize,
    pub(crate) previous: usize,
    pub(crate) log_position: usize,
}

/// Numbers of the summary.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counters {
    pub(crate) processed: u64,
    pub(crate) jumps: u64,
    pub(crate) processed_at_checkpoint: u64,
    pub(crate) jumps_at_checkpoint: u64,
    pub(crate) max_states_per_insn: usize,
    pub(crate) total_states: usize,
    pub(crate) peak_states: usize,
    pub(crate) kept_states: usize,
    pub(crate) evicted_states: usize,
    pub(crate) backedges: usize,
    /// The most checkpoints that a read was carried back over.
    pub(crate) longest_read: u32,
}

/// What the instruction loop does next.
pub(crate) enum Next {
    /// The instruction after this one.
    Follow,
    /// An instruction elsewhere.
    Jump(usize),
    /// The path has ended.
    End,
}

/// The verification of one program.
pub(crate) struct Walker<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) structure: &'a Structure,
    pub(crate) flow: &'a Flow,
    pub(crate) rules: &'a Rules,
    pub(crate) options: &'a Options,
    pub(crate) log: &'a mut Log,
    pub(crate) state: State,
    pub(crate) path: Path,
    /// The checkpoints before the current state.
    pub(crate) depth: u32,
    pub(crate) insn: usize,
    pub(crate) previous: usize,
    pub(crate) pending: Vec<Pending>,
    pub(crate) checkpoints: Vec<Option<Box<Checkpoint>>>,
    pub(crate) free_checkpoints: Vec<CheckpointId>,
    /// The checkpoints by instruction and call site, the newest first.
    pub(crate) explored: Vec<Vec<CheckpointId>>,
    pub(crate) counters: Counters,
    pub(crate) next_id: u32,
    pub(crate) changed_regs: u16,
    pub(crate) changed_slots: u64,
    /// The kind of pointer that each memory access has seen.
    pub(crate) access_kinds: Vec<Option<(Kind, bool)>>,
    pub(crate) live_stack: LiveStack,
    pub(crate) loops: super::loops::Loops,
    /// The last instruction that the log shows, at whatever level.
    pub(crate) shown: Option<usize>,
    /// The source line written last.
    last_line: Option<usize>,
    /// A path has been taken up again: its state is to be written.
    pub(crate) show_state: bool,
    pub(crate) marks: super::precision::Marks,
    /// The last step of the path belongs to the current instruction.
    pub(crate) step_is_current: bool,
    /// The deepest stack use of each function.
    pub(crate) stack_depth: Vec<usize>,
    /// Every path is written.
    pub(crate) level_two: bool,
    /// What guards instructions against speculation.
    pub(crate) barriers: Vec<Barrier>,
    /// Masks of pointers depend on numbers, so that only equal numbers are as safe as others.
    pub(crate) masks_matter: bool,
    /// The slots that some path came by.
    pub(crate) seen: Vec<bool>,
    /// Functions whose arguments aren't what their BTF says.
    pub(crate) unreliable: Vec<bool>,
    /// Calls of `bpf_loop` with the function that they call back; `None` if the call can't be made part of the code.
    pub(crate) inlined_loops: HashMap<usize, Option<u16>>,
}

impl<'a> Walker<'a> {
    pub(crate) fn new(
        subject: &'a Subject,
        structure: &'a Structure,
        flow: &'a Flow,
        rules: &'a Rules,
        options: &'a Options,
        log: &'a mut Log,
    ) -> Self {
        let count = subject.slots.len();
        let level_two = log.is_full();
        Self {
            subject,
            structure,
            flow,
            rules,
            options,
            log,
            state: State {
                frames: vec![Frame::new(0, None, 0)],
                references: Vec::new(),
                may_goto_depth: 0,
                callback_unroll_depth: 0,
                speculative: false,
            },
            path: Path::default(),
            depth: 0,
            insn: 0,
            previous: usize::MAX,
            pending: Vec::new(),
            checkpoints: Vec::new(),
            free_checkpoints: Vec::new(),
            explored: vec![Vec::new(); count],
            counters: Counters::default(),
            next_id: 0,
            changed_regs: 0,
            changed_slots: 0,
            access_kinds: vec![None; count],
            live_stack: LiveStack::default(),
            loops: super::loops::Loops::default(),
            shown: None,
            last_line: None,
            show_state: false,
            marks: super::precision::Marks::default(),
            step_is_current: false,
            stack_depth: vec![0; structure.starts.len() - 1],
            level_two,
            barriers: vec![Barrier::default(); count],
            masks_matter: false,
            seen: vec![false; count],
            unreliable: vec![false; structure.starts.len() - 1],
            inlined_loops: HashMap::new(),
        }
    }

    /// Writes a message that isn't the reason of a rejection.
    pub(crate) fn note(&mut self, message: Message) {
        self.log.message(&message);
    }

    /// Writes why something is refused, where the walk goes on all the same.
    pub(crate) fn say(&mut self, stop: &Stop) {
        if let Stop::Reject(refusal) = stop {
            self.log.refusal(refusal);
        }
    }

    /// Writes the states of a caller and of the function that it calls.
    pub(crate) fn show_call(&mut self, callee: usize) {
        if self.log.is_on() {
            self.log.push("caller:\n");
            self.write_whole(callee - 1);
            self.log.push("callee:\n");
            self.write_whole(callee);
        }
    }

    /// Writes the state of a function that ends.
    pub(crate) fn show_return(&mut self, callee: usize) {
        if self.log.is_on() {
            self.log.push("returning from callee:\n");
            self.write_whole(callee);
        }
    }

    /// Writes the state of the caller that a function returns to.
    pub(crate) fn show_caller(&mut self, caller: usize, next: usize) {
        if self.log.is_on() {
            self.log.write(format_args!("to caller at {next}:\n"));
            self.write_whole(caller);
        }
    }

    /// Writes the whole state of a frame on a line of its own.
    fn write_whole(&mut self, frame: usize) {
        self.log.state(&self.state, frame, Parts::All, &self.subject.maps);
    }

    /// A new identity.
    pub(crate) fn new_id(&mut self) -> u32 {
        self.next_id += 1;
        self.next_id
    }

    pub(crate) fn reg(&self, number: u8) -> &Reg {
        &self.state.frame().regs[usize::from(number)]
    }

    pub(crate) fn reg_mut(&mut self, number: u8) -> &mut Reg {
        &mut self.state.frame_mut().regs[usize::from(number)]
    }

    /// Notes that the state line behind the instruction shows a register.
    pub(crate) fn show_reg(&mut self, number: u8) {
        self.changed_regs |= 1 << number;
    }

    /// Notes that the state line behind the instruction shows a stack slot.
    pub(crate) fn show_slot(&mut self, slot: usize) {
        self.changed_slots |= 1 << (slot % 64);
    }

    pub(crate) fn show_everything(&mut self) {
        self.changed_regs = u16::MAX;
        self.changed_slots = u64::MAX;
    }

    /// Walks every path of the entry function.
    pub(crate) fn run(&mut self) -> Checked {
        let frame = self.state.frame_mut();
        frame.regs[1] = Reg::pointer(Kind::Ctx);
        self.show_everything();
        let start = self.structure.starts[0];
        self.insn = start;
        self.path.first = start;
        self.live_stack.enter_main(self.structure, start);
        loop {
            self.walk_path()?;
            self.show_everything();
            self.end_branch()?;
            if self.rules.live_stack {
                self.update_live_stack();
            }
            let Some(next) = self.pending.pop() else {
                break;
            };
            if !self.level_two {
                self.log.rewind(next.log_position);
            }
            self.state = next.state;
            self.depth = next.path.parent.map_or(0, |parent| self.checkpoint(parent).depth + 1);
            self.path = next.path;
            self.insn = next.insn;
            self.previous = next.previous;
            self.show_state = true;
            if self.rules.live_stack {
                self.live_stack.follow(self.structure, &self.state.frames);
            }
        }
        if !self.level_two {
            self.log.rewind(0);
        }
        Ok(())
    }

    /// Walks from the current instruction to the end of the path.
    fn walk_path(&mut self) -> Checked {
        loop {
            self.step_is_current = false;
            self.path.last = if self.previous == usize::MAX { 0 } else { self.previous };
            self.counters.processed += 1;
            if self.counters.processed > MAX_PROCESSED {
                let processed = self.counters.processed;
                return refuse(E2BIG, Message::TooManyInstructions { processed: processed.into() });
            }
            let at = self.insn;
            if self.structure.prune[at] && self.is_known_state()? {
                if self.log.is_on() {
                    if self.show_state {
                        let previous = self.previous_signed();
                        let how = self.how();
                        self.log.write(format_args!("\nfrom {previous} to {at}{how}: safe\n"));
                    } else {
                        self.log.write(format_args!("{at}: safe\n"));
                    }
                }
                return Ok(());
            }
            if self.structure.joins[at] {
                self.remember_step(None, [None; 6]);
            }
            if self.log.is_on() {
                self.write_before(at);
            }
            if self.structure.insns[at].is_some()
                || !is_bug(self.subject.slots[at], self.rules.version >= ORDERED_ACCESSES)
            {
                self.shown = Some(at);
            }
            if !self.state.speculative {
                self.seen[at] = true;
                if self.subject.slots[at].opcode == crate::check::structure::LD_IMM64 {
                    self.seen[at + 1] = true;
                }
            }
            if self.rules.live_stack {
                self.live_stack.begin_insn(at);
            }
            if self.state.speculative && self.barriers[at].before {
                return Ok(());
            }
            let next = match self.step() {
                Err(stop) if self.ends_speculation(&stop) => {
                    self.say(&stop);
                    if self.rules.live_stack {
                        // On this path the instruction wrote nothing.
                        self.live_stack.commit();
                    }
                    return Ok(());
                }
                next => next?,
            };
            if self.rules.live_stack {
                self.live_stack.commit();
            }
            if self.state.speculative && self.rules.speculation_barriers && self.barriers[at].behind {
                return Ok(());
            }
            self.previous = at;
            match next {
                Next::Follow => self.insn += 1,
                Next::Jump(to) => self.insn = to,
                Next::End => return Ok(()),
            }
        }
    }

    pub(crate) fn previous_signed(&self) -> i64 {
        if self.previous == usize::MAX { -1 } else { self.previous as i64 }
    }

    /// What the log adds to the way to a state that only speculation leads to.
    fn how(&self) -> &'static str {
        if self.state.speculative { " (speculative execution)" } else { "" }
    }

    /// Writes the state where it's due, the source line and the instruction.
    fn write_before(&mut self, at: usize) {
        if self.level_two && self.show_state {
            let previous = self.previous_signed();
            let how = self.how();
            self.log.write(format_args!("\nfrom {previous} to {at}{how}:"));
            let depth = self.state.depth();
            self.log.state(&self.state, depth, Parts::All, &self.subject.maps);
            self.show_state = false;
        }
        if self.changed_regs != 0 || self.changed_slots != 0 {
            self.write_changes(at, self.state.depth());
        }
        self.write_line(at);
        let shown = self.shown_parts();
        let start = self.log.position();
        let out = self.log.text_mut();
        crate::log::number::push_decimal(out, at as i64);
        out.push_str(": ");
        push_insn(out, self.subject, self.structure.insns[at].as_ref(), at, shown);
        out.push('\n');
        self.log.end_instruction(start);
    }

    /// What instructions show in the log.
    pub(super) fn shown_parts(&self) -> Shown {
        Shown { addresses: self.options.perfmon, kernel: self.rules.version }
    }

    /// Writes the parts of a frame that have changed.
    pub(crate) fn write_changes(&mut self, at: usize, frame: usize) {
        if !self.log.is_on() {
            return;
        }
        self.log.start_state(at);
        let parts = Parts::Changed { regs: self.changed_regs, slots: self.changed_slots };
        self.log.state(&self.state, frame, parts, &self.subject.maps);
        self.changed_regs = 0;
        self.changed_slots = 0;
    }

    /// Writes the source line of an instruction, unless it's the one written last.
    pub(crate) fn write_line(&mut self, at: usize) {
        let lines = &self.subject.lines;
        let Some(index) = lines.partition_point(|line| line.insn <= at).checked_sub(1) else {
            return;
        };
        if self.last_line == Some(index) {
            return;
        }
        let line = &lines[index];
        let repeats = |last: usize| lines[last].number == line.number && lines[last].file == line.file;
        if self.rules.source_places && self.last_line.is_some_and(repeats) {
            return;
        }
        self.last_line = Some(index);
        let Line { text, file, number, .. } = &lines[index];
        let name = file.rsplit('/').next().unwrap_or(file);
        if self.rules.source_places {
            self.log.write(format_args!("; {text} @ {name}:{number}\n"));
        } else {
            self.log.write(format_args!("; {text}\n"));
        }
    }

    /// Puts a copy of the current state aside to go on with at another instruction.
    pub(crate) fn push_branch(&mut self, insn: usize) -> Checked {
        let speculative = self.state.speculative;
        self.push_state(insn, speculative, self.rules.too_many_branches)
    }

    /// The same for a round of a loop that the verifier alone ends.
    pub(crate) fn push_round(&mut self, insn: usize) -> Checked {
        let speculative = self.state.speculative;
        self.push_state(insn, speculative, self.rules.too_many_rounds)
    }

    /// The same for a way that the processor takes by mistake.
    pub(crate) fn push_speculation(&mut self, insn: usize) -> Checked {
        self.push_state(insn, true, self.rules.too_many_branches)
    }

    /// Whether no further branch can be put aside.
    pub(crate) fn has_all_branches(&self) -> bool {
        self.pending.len() >= MAX_PENDING
    }

    fn push_state(&mut self, insn: usize, speculative: bool, errno: i32) -> Checked {
        if self.has_all_branches() {
            return refuse(errno, Message::TooManyJumps { jumps: (MAX_PENDING + 1).into() });
        }
        if let Some(parent) = self.path.parent {
            self.checkpoint_mut(parent).branches += 1;
        }
        let mut state = self.state.clone();
        state.speculative |= speculative;
        self.pending.push(Pending {
            state,
            path: self.path.clone(),
            insn,
            previous: self.insn,
            log_position: self.log.position(),
        });
        Ok(())
    }

    /// Remembers the way to the current instruction.
    pub(crate) fn remember_step(&mut self, stack: Option<(u8, u8)>, linked: [Option<Linked>; 6]) {
        if let Some(step) = self.path.steps.last_mut()
            && step.insn == self.insn
            && self.step_is_current
        {
            step.stack = step.stack.or(stack);
            if linked[0].is_some() {
                step.linked = linked;
            }
            return;
        }
        self.step_is_current = true;
        let previous = if self.previous == usize::MAX { usize::MAX } else { self.previous };
        self.path.steps.push(Step { insn: self.insn, previous, stack, linked, frame_pointers: [false; 2] });
    }

    pub(crate) fn checkpoint(&self, id: CheckpointId) -> &Checkpoint {
        self.checkpoints[id].as_ref().expect("a checkpoint lives as long as a path needs it")
    }

    pub(crate) fn checkpoint_mut(&mut self, id: CheckpointId) -> &mut Checkpoint {
        self.checkpoints[id].as_mut().expect("a checkpoint lives as long as a path needs it")
    }

    /// Whether programs of this type may read and write packet data directly.
    pub(crate) fn may_access_packet(&self, write: bool, helper_reads_packet: Option<bool>) -> bool {
        match self.subject.prog_type.rules().map(|rules| rules.packet) {
            Some(PacketRights::Write) => helper_reads_packet.unwrap_or(true),
            Some(PacketRights::Read) => !write && helper_reads_packet.unwrap_or(true),
            Some(PacketRights::None) | None => false,
        }
    }
}
