//! The control flow of what a log shows: basic blocks and the edges between them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use knockwright_asm::{Insn, opcode, text::parse_insn};

use crate::diagnosis::Trace;

/// The most instructions that are drawn one by one. A longer program shows the blocks of its story.
const MOST_INSNS: usize = 2_000;

/// The most blocks that are drawn one by one.
const MOST_BLOCKS: usize = 1_000;

/// The blocks before the fault that a condensed graph shows beside the story's.
const LAST_BLOCKS: usize = 24;

/// The most rows of a block; from a longer one its middle is left out, but for the story's instructions.
const MOST_ROWS: usize = 40;

/// A line of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Row {
    /// The instruction at an index of the listing.
    Insn(usize),
    /// So many instructions aren't drawn.
    LeftOut(usize),
    /// The program goes on at a slot that the log doesn't show.
    Unseen { slot: usize, jump: bool },
}

/// Instructions that run one after the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Block {
    pub(super) rows: Vec<Row>,
    /// Whether the path that failed goes through.
    pub(super) on_path: bool,
    /// The function that starts here.
    pub(super) starts_function: bool,
}

/// How control gets from one block to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// By falling through.
    Next,
    /// By a jump.
    Jump,
    /// By a call of a function of the program.
    Call,
}

/// An edge between blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) way: Way,
    pub(super) on_path: bool,
}

/// Basic blocks and the ways between them.
#[derive(Debug, Default)]
pub(super) struct Flow {
    pub(super) blocks: Vec<Block>,
    pub(super) edges: Vec<Edge>,
    /// How many instructions the log shows but the graph doesn't.
    pub(super) left_out: usize,
}

/// What comes after an instruction.
struct Onward {
    falls_through: bool,
    jump: Option<usize>,
    call: Option<usize>,
}

fn outcome(slot: usize, opcode: u8, text: &str) -> Onward {
    let insn = parse_insn(text).ok();
    let target = |off: i32| usize::try_from(slot as i64 + 1 + i64::from(off)).ok();
    let call = match insn {
        Some(Insn::CallLocal { off }) => target(off),
        _ => None,
    };
    Onward {
        falls_through: opcode::falls_through(opcode),
        jump: insn.and_then(|insn| insn.jump_offset()).and_then(target),
        call,
    }
}

impl Flow {
    /// The graph of a trace, in which the story's instructions are always drawn.
    pub(super) fn new(trace: &Trace, story: &BTreeSet<usize>) -> Self {
        let whole = Self::whole(trace);
        if trace.listing.len() > MOST_INSNS || whole.blocks.len() > MOST_BLOCKS {
            whole.condensed(trace, story).shortened(trace, story)
        } else {
            whole.shortened(trace, story)
        }
    }

    fn whole(trace: &Trace) -> Self {
        let listing = &trace.listing;
        let index: HashMap<usize, usize> =
            listing.iter().enumerate().map(|(index, (slot, ..))| (*slot, index)).collect();
        let outcomes: Vec<Onward> =
            listing.iter().map(|(slot, opcode, text)| outcome(*slot, *opcode, text)).collect();
        let next = |at: usize| listing[at].0 + opcode::slots(listing[at].1);

        let mut leaders: BTreeSet<usize> = trace.functions.iter().copied().collect();
        for (at, outcome) in outcomes.iter().enumerate() {
            leaders.extend(outcome.jump);
            leaders.extend(outcome.call);
            if outcome.jump.is_some() || !outcome.falls_through {
                leaders.insert(next(at));
            }
        }
        let on_path: BTreeSet<usize> = trace.path.iter().map(|step| step.insn).collect();
        let mut blocks: Vec<Block> = Vec::new();
        let mut block_of: Vec<usize> = Vec::with_capacity(listing.len());
        for (at, (slot, ..)) in listing.iter().enumerate() {
            let begins = at == 0 || leaders.contains(slot) || next(at - 1) != *slot;
            if begins {
                let starts_function = trace.functions.contains(slot);
                blocks.push(Block { starts_function, ..Block::default() });
            }
            let Some(block) = blocks.last_mut() else { continue };
            block.rows.push(Row::Insn(at));
            block.on_path |= on_path.contains(slot);
            block_of.push(blocks.len() - 1);
        }

        let walked: BTreeSet<(usize, usize)> =
            trace.path.windows(2).map(|pair| (pair[0].insn, pair[1].insn)).collect();
        let mut edges = Vec::new();
        for (at, outcome) in outcomes.iter().enumerate() {
            let is_last = block_of.get(at + 1).is_none_or(|next| *next != block_of[at]);
            let ways = [
                outcome.jump.map(|slot| (slot, Way::Jump)),
                outcome.call.map(|slot| (slot, Way::Call)),
                (is_last && outcome.falls_through).then(|| (next(at), Way::Next)),
            ];
            for (slot, way) in ways.into_iter().flatten() {
                match index.get(&slot) {
                    Some(to) => edges.push(Edge {
                        from: block_of[at],
                        to: block_of[*to],
                        way,
                        on_path: walked.contains(&(listing[at].0, slot)),
                    }),
                    None if way == Way::Call => {}
                    None => blocks[block_of[at]].rows.push(Row::Unseen { slot, jump: way == Way::Jump }),
                }
            }
        }
        edges.dedup_by_key(|edge| (edge.from, edge.to));
        Self { blocks, edges, left_out: 0 }
    }

    /// The blocks of the story, in the order of the path, and what lies between them as one block each.
    fn condensed(mut self, trace: &Trace, story: &BTreeSet<usize>) -> Self {
        let slot_of = |row: &Row| match row {
            Row::Insn(at) => trace.listing.get(*at).map(|(slot, ..)| *slot),
            _ => None,
        };
        let mut block_of: HashMap<usize, usize> = HashMap::new();
        for (number, block) in self.blocks.iter().enumerate() {
            block_of.extend(block.rows.iter().filter_map(slot_of).map(|slot| (slot, number)));
        }
        let mut walk: Vec<usize> =
            trace.path.iter().filter_map(|step| block_of.get(&step.insn).copied()).collect();
        walk.dedup();
        let kept: BTreeSet<usize> = story
            .iter()
            .filter_map(|slot| block_of.get(slot).copied())
            .chain(walk.first().copied())
            .chain(walk.iter().rev().take(LAST_BLOCKS).copied())
            .collect();

        let all = trace.listing.len();
        let mut number: BTreeMap<usize, usize> = BTreeMap::new();
        let mut flow = Self::default();
        for block in &kept {
            number.insert(*block, flow.blocks.len());
            flow.blocks.push(std::mem::take(&mut self.blocks[*block]));
        }
        let shown: usize = flow.blocks.iter().flat_map(|block| &block.rows).filter_map(slot_of).count();
        flow.left_out = all - shown;
        // Between two kept blocks, the blocks that aren't.
        let mut between: BTreeMap<(usize, usize), BTreeSet<usize>> = BTreeMap::new();
        let mut last: Option<usize> = None;
        let mut skipped = BTreeSet::new();
        for block in walk {
            let Some(to) = number.get(&block).copied() else {
                skipped.insert(block);
                continue;
            };
            if let Some(from) = last {
                between.entry((from, to)).or_default().append(&mut skipped);
            }
            skipped.clear();
            last = Some(to);
        }
        for ((from, to), skipped) in between {
            let edge = |from, to| Edge { from, to, way: Way::Next, on_path: true };
            if skipped.is_empty() {
                flow.edges.push(edge(from, to));
                continue;
            }
            let insns: usize =
                skipped.iter().flat_map(|block| &self.blocks[*block].rows).filter_map(slot_of).count();
            let middle = flow.blocks.len();
            flow.blocks.push(Block {
                rows: vec![Row::LeftOut(insns)],
                on_path: true,
                starts_function: false,
            });
            flow.edges.extend([edge(from, middle), edge(middle, to)]);
        }
        flow
    }

    /// Leaves out the middle of long blocks.
    fn shortened(mut self, trace: &Trace, story: &BTreeSet<usize>) -> Self {
        for block in self.blocks.iter_mut().filter(|block| block.rows.len() > MOST_ROWS) {
            let count = block.rows.len();
            let mut rows: Vec<Row> = Vec::new();
            for (place, row) in std::mem::take(&mut block.rows).into_iter().enumerate() {
                let keeps = match &row {
                    Row::Insn(at) => trace.listing.get(*at).is_some_and(|(slot, ..)| story.contains(slot)),
                    _ => true,
                };
                if keeps || place < 4 || place + 4 > count {
                    rows.push(row);
                } else if let Some(Row::LeftOut(many)) = rows.last_mut() {
                    *many += 1;
                    self.left_out += 1;
                } else {
                    rows.push(Row::LeftOut(1));
                    self.left_out += 1;
                }
            }
            block.rows = rows;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::TraceStep;

    fn trace(listing: &[(usize, u8, &str)], path: &[usize], functions: &[usize]) -> Trace {
        let step = |insn: &usize| TraceStep {
            insn: *insn,
            text: String::new(),
            frame: 0,
            taken: false,
            source: None,
            registers: Vec::new(),
        };
        Trace {
            listing: listing
                .iter()
                .map(|(slot, opcode, text)| (*slot, *opcode, (*text).to_owned()))
                .collect(),
            functions: functions.to_vec(),
            path: path.iter().map(step).collect(),
            ..Trace::default()
        }
    }

    /// A branch around a wide load, a loop, a call, and a way out that the log doesn't show.
    fn small() -> Trace {
        let listing = [
            (0, opcode::MOV64_K, "r6 = 0"),
            (1, opcode::JEQ_K, "if r1 == 0x0 goto pc+3"),
            (2, opcode::LD_IMM64, "r1 = 0x1122334455667788"),
            (4, opcode::CALL, "call pc+4"),
            (5, opcode::class::ALU64 | opcode::alu::ADD, "r6 += 1"),
            (6, opcode::class::JMP | opcode::jmp::JNE, "if r6 != 0x5 goto pc-2"),
            (7, opcode::JEQ_K, "if r6 == 0x6 goto pc+9"),
            (8, opcode::EXIT, "exit"),
            (9, opcode::MOV64_K, "r0 = 0"),
            (10, opcode::EXIT, "exit"),
        ];
        trace(&listing, &[0, 1, 2, 4, 9, 10, 5, 6, 5, 6, 7], &[0, 9])
    }

    #[test]
    fn blocks_and_edges() {
        let flow = Flow::new(&small(), &BTreeSet::new());
        let rows = |block: &Block| block.rows.clone();
        let insns = |range: std::ops::RangeInclusive<usize>| range.map(Row::Insn).collect::<Vec<_>>();
        let seen: Vec<Vec<Row>> = flow.blocks.iter().map(rows).collect();
        let mut with_way_out = insns(6..=6);
        with_way_out.push(Row::Unseen { slot: 17, jump: true });
        assert_eq!(
            seen,
            [insns(0..=1), insns(2..=3), insns(4..=5), with_way_out, insns(7..=7), insns(8..=9)]
        );
        let edges: Vec<_> =
            flow.edges.iter().map(|edge| (edge.from, edge.to, edge.way, edge.on_path)).collect();
        let wanted = [
            (0, 2, Way::Jump, false),
            (0, 1, Way::Next, true),
            (1, 5, Way::Call, true),
            (1, 2, Way::Next, false),
            (2, 2, Way::Jump, true),
            (2, 3, Way::Next, true),
            (3, 4, Way::Next, false),
        ];
        assert_eq!(edges, wanted);
        assert!(flow.blocks[5].starts_function && flow.blocks[5].on_path && !flow.blocks[4].on_path);
    }

    #[test]
    fn a_condensed_graph_keeps_the_story_and_counts_the_rest() {
        let trace = small();
        let whole = Flow::whole(&trace);
        let story = BTreeSet::from([0, 7]);
        let flow = whole.condensed(&trace, &story);
        let drawn: BTreeSet<usize> = flow
            .blocks
            .iter()
            .flat_map(|block| &block.rows)
            .filter_map(|row| if let Row::Insn(at) = row { Some(trace.listing[*at].0) } else { None })
            .collect();
        assert!(story.is_subset(&drawn));
        assert_eq!(drawn.len() + flow.left_out, trace.listing.len());
        assert!(flow.edges.iter().all(|edge| edge.from < flow.blocks.len() && edge.to < flow.blocks.len()));
    }

    #[test]
    fn the_middle_of_a_long_block_is_left_out() {
        let listing: Vec<(usize, u8, &str)> =
            (0..100).map(|slot| (slot, opcode::MOV64_K, "r0 = 0")).collect();
        let flow = Flow::new(&trace(&listing, &[], &[]), &BTreeSet::from([50]));
        let rows = &flow.blocks[0].rows;
        assert!(rows.contains(&Row::Insn(50)) && rows.contains(&Row::LeftOut(46)), "{rows:?}");
        let drawn = rows.iter().filter(|row| matches!(row, Row::Insn(_))).count();
        assert_eq!(drawn + flow.left_out, 100);
    }
}
