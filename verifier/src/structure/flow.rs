//! Facts about the control flow that need no states: order, loops, live registers.

use std::num::NonZeroU32;

use knockwright_asm::helper::{Access, Caller};
use knockwright_asm::opcode::{self, alu, atomic, class, jmp, mode};
use knockwright_asm::{HelperId, Insn, Reg, RegSet, Slot};

use super::Structure;
use crate::program::Subject;

/// What is known of each instruction's place in the control flow.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    /// Each function's instructions, those that come later first.
    pub(crate) postorder: Vec<Vec<usize>>,
    /// The number of the loop that an instruction is in.
    pub(crate) loops: Vec<Option<NonZeroU32>>,
    /// The registers whose value before the instruction may be read.
    pub(crate) live_regs: Vec<u16>,
    /// The successors of each instruction within its function.
    pub(crate) successors: Vec<Successors>,
}

/// At most two following instructions.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Successors {
    items: [usize; 2],
    count: u8,
}

impl Successors {
    pub(crate) fn push(&mut self, item: usize) {
        self.items[usize::from(self.count)] = item;
        self.count += 1;
    }

    pub(crate) fn as_slice(&self) -> &[usize] {
        &self.items[..usize::from(self.count)]
    }
}

/// Finds where each instruction leads.
fn successors(subject: &Subject, structure: &Structure) -> Vec<Successors> {
    let mut all = vec![Successors::default(); subject.slots.len()];
    for (at, insn) in structure.insns.iter().enumerate() {
        let mut found = Successors::default();
        let slot = subject.slots[at];
        let width = opcode::slots(slot.opcode);
        let distance = insn.as_ref().and_then(Insn::jump_offset).or_else(|| odd_jump(&slot));
        if opcode::falls_through(slot.opcode) && at + width < subject.slots.len() {
            found.push(at + width);
        }
        if let Some(distance) = distance {
            let to = at as i64 + 1 + i64::from(distance);
            if let Ok(to) = usize::try_from(to)
                && to < subject.slots.len()
            {
                found.push(to);
            }
        }
        all[at] = found;
    }
    all
}

/// The distance of a jump that has a field set which should be zero.
fn odd_jump(slot: &Slot) -> Option<i32> {
    match slot.opcode {
        opcode::JA32 => Some(slot.imm),
        opcode if opcode::is_jump(opcode) => Some(i32::from(slot.off)),
        _ => None,
    }
}

impl Flow {
    /// `caller` decides which helpers' arguments are known.
    pub(crate) fn new(subject: &Subject, structure: &Structure, caller: Caller) -> Self {
        let params = |helper| argument_count(helper, caller);
        let successors = successors(subject, structure);
        let postorder = postorder(&successors, &structure.starts);
        let loops = loops(&successors, structure);
        let live_regs = live_registers(&subject.slots, structure, &successors, &postorder, params);
        Self { postorder, loops, live_regs, successors }
    }
}

/// The number of a helper's arguments.
fn argument_count(id: HelperId, caller: Caller) -> Option<u8> {
    match id.helper()?.access(caller) {
        Access::Here(prototype) => prototype.argument_count(),
        Access::Elsewhere | Access::NotRecorded => None,
    }
}

fn postorder(successors: &[Successors], starts: &[usize]) -> Vec<Vec<usize>> {
    let mut seen = vec![false; successors.len()];
    let mut expanded = vec![false; successors.len()];
    starts[..starts.len() - 1]
        .iter()
        .map(|&start| {
            let mut order = Vec::new();
            let mut stack = vec![start];
            seen[start] = true;
            while let Some(&top) = stack.last() {
                if expanded[top] {
                    order.push(top);
                    stack.pop();
                    continue;
                }
                for &next in successors[top].as_slice() {
                    if !seen[next] {
                        seen[next] = true;
                        stack.push(next);
                    }
                }
                expanded[top] = true;
            }
            order
        })
        .collect()
}

/// Numbers the loops: strongly connected parts of the control flow, after Tarjan.
fn loops(successors: &[Successors], structure: &Structure) -> Vec<Option<NonZeroU32>> {
    /// The lowest that an instruction of a finished loop reaches: it makes no other lower.
    const DONE: u32 = u32::MAX;
    let count = successors.len();
    let mut order = vec![None; count];
    let mut low = vec![DONE; count];
    let mut number = vec![None; count];
    let mut next_order = 0;
    let mut next_number = NonZeroU32::MIN;
    let mut open = Vec::new();
    for root in 0..count {
        if order[root].is_some()
            || (root > 0 && structure.insns[root].is_none() && successors[root].count == 0)
        {
            continue;
        }
        let mut path = vec![(root, 0_usize)];
        while let Some(&mut (at, ref mut tried)) = path.last_mut() {
            if *tried == 0 && order[at].is_none() {
                order[at] = Some(next_order);
                low[at] = next_order;
                next_order += 1;
                open.push(at);
            }
            let next = successors[at].as_slice();
            if *tried < next.len() {
                let to = next[*tried];
                if order[to].is_none() {
                    path.push((to, 0));
                    continue;
                }
                *tried += 1;
                low[at] = low[at].min(low[to]);
                continue;
            }
            path.pop();
            if let Some(&mut (parent, ref mut tried)) = path.last_mut() {
                *tried += 1;
                low[parent] = low[parent].min(low[at]);
            }
            if Some(low[at]) != order[at] {
                continue;
            }
            let is_loop = open.last() != Some(&at) || successors[at].as_slice().contains(&at);
            while let Some(member) = open.pop() {
                if is_loop {
                    number[member] = Some(next_number);
                }
                low[member] = DONE;
                if member == at {
                    break;
                }
            }
            if is_loop {
                next_number = next_number.saturating_add(1);
            }
        }
    }
    number
}

/// All bits, whether there is such a register or not.
const EVERY_REG: u16 = u16::MAX;

/// The registers that an instruction reads and those that it writes, as bits: what its row in the table of instructions says,
/// but where the kernel's own list says something else.
fn uses(insn: &Insn, params: &impl Fn(HelperId) -> Option<u8>) -> (u16, u16) {
    let (reads, writes) = (insn.reads().bits(), insn.writes().bits());
    match insn {
        // The kernel's list doesn't have these two: it then takes all as read and none as written.
        Insn::LoadAbs { .. } | Insn::LoadInd { .. } => (EVERY_REG, 0),
        // Of a helper it knows how many arguments it takes.
        Insn::CallHelper { helper } => {
            (params(*helper).map_or(reads, |count| reads & ((1 << (count + 1)) - 1)), writes)
        }
        _ => (reads, writes),
    }
}

/// As [`uses`], for a slot with a field that should be zero.
fn odd_uses(slot: &Slot, params: &impl Fn(HelperId) -> Option<u8>) -> (u16, u16) {
    const R0: u16 = RegSet::one(Reg::R0).bits();
    let (dst, src) = (1_u16 << slot.dst, 1_u16 << slot.src);
    let from_register = opcode::has_source_register(slot.opcode);
    match (opcode::class(slot.opcode), opcode::operation(slot.opcode)) {
        (class::ALU | class::ALU64, alu::MOV) => (if from_register { src } else { 0 }, dst),
        (class::ALU | class::ALU64, alu::END) => (dst, dst),
        (class::ALU | class::ALU64, _) => (if from_register { dst | src } else { dst }, dst),
        (class::JMP, jmp::CALL) if slot.src == 0 => {
            uses(&Insn::CallHelper { helper: HelperId::new(slot.imm) }, params)
        }
        (class::JMP | class::JMP32, jmp::CALL) => (RegSet::ARGUMENTS.bits(), RegSet::CALLER_SAVED.bits()),
        (class::JMP | class::JMP32, jmp::EXIT) => (R0, 0),
        (class::JMP | class::JMP32, jmp::JA | jmp::JCOND) => (0, 0),
        (class::JMP | class::JMP32, _) => (if from_register { dst | src } else { dst }, 0),
        (class::LD, _) if slot.opcode == opcode::LD_IMM64 => (0, dst),
        (class::LDX, _) => (src, dst),
        (class::ST, _) => (dst, 0),
        (class::STX, _) if opcode::mode(slot.opcode) == mode::ATOMIC => match slot.imm {
            atomic::LOAD_ACQ => (src, dst),
            atomic::CMPXCHG => (dst | src | R0, R0),
            imm if imm & atomic::FETCH != 0 => (dst | src, src),
            _ => (dst | src, 0),
        },
        (class::STX, _) => (dst | src, 0),
        _ => (EVERY_REG, 0),
    }
}

fn live_registers(
    slots: &[Slot],
    structure: &Structure,
    successors: &[Successors],
    postorder: &[Vec<usize>],
    params: impl Fn(HelperId) -> Option<u8>,
) -> Vec<u16> {
    let count = successors.len();
    let uses: Vec<(u16, u16)> = structure
        .insns
        .iter()
        .zip(slots)
        .map(|(insn, slot)| insn.as_ref().map_or_else(|| odd_uses(slot, &params), |insn| uses(insn, &params)))
        .collect();
    let mut live = vec![0_u16; count];
    let mut changed = true;
    while changed {
        changed = false;
        for &at in postorder.iter().flatten() {
            let after = successors[at].as_slice().iter().fold(0, |bits, &next| bits | live[next]);
            let (used, defined) = uses[at];
            let before = used | after & !defined;
            changed |= before != live[at];
            live[at] = before;
        }
    }
    live
}
