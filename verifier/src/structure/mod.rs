//! What is asked of the program as a whole, before its instructions are walked and afterwards: its functions, its encoding, its
//! control flow, its stack, its dead code.

mod control_flow;
mod dead_code;
mod encoding;
mod flow;
mod functions;
mod maps;
mod stack_depth;
mod types;

use knockwright_asm::opcode::{self, class, mode, pseudo};
use knockwright_asm::{Helper, Insn, RegSet, Slot};

pub(crate) use control_flow::check_flow;
pub(crate) use dead_code::check_addresses;
pub(crate) use encoding::check_encoding;
pub(crate) use flow::Flow;
#[cfg(test)]
pub(crate) use flow::Successors;
pub(crate) use functions::{check_functions, check_returns, find_functions};
pub(crate) use maps::check_made;
pub(crate) use stack_depth::check_stack_depth;
pub(crate) use types::{check_order, check_types};

/// The functions and the points of the control flow that the walk needs.
#[derive(Debug, Default)]
pub(crate) struct Structure {
    /// The first slot of each function, and at the end the number of slots.
    pub(crate) starts: Vec<usize>,
    /// Instructions before which states are remembered and compared.
    pub(crate) prune: Vec<bool>,
    /// Instructions that a jump leads to, so that the way to them must be remembered.
    pub(crate) joins: Vec<bool>,
    /// Instructions before which a state is remembered in any case.
    pub(crate) forced: Vec<bool>,
    /// Calls of helpers that call back.
    pub(crate) calls_back: Vec<bool>,
    /// For each slot that may be walked, the instruction.
    pub(crate) insns: Vec<Option<Insn>>,
    /// What each of them reads and writes: the walk back asks at every step.
    pub(crate) roles: Vec<Roles>,
}

/// The registers that an instruction reads and writes, as its row in the table of instructions says.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Roles {
    pub(crate) reads: RegSet,
    pub(crate) writes: RegSet,
}

impl Roles {
    fn of(insn: Option<&Insn>) -> Self {
        insn.map_or_else(Self::default, |insn| Self { reads: insn.reads(), writes: insn.writes() })
    }
}

fn is_local_call(slot: &Slot) -> bool {
    slot.opcode == opcode::CALL && slot.src == pseudo::CALL
}

/// Whether a slot loads the address of a function.
fn is_function_address(slot: &Slot) -> bool {
    slot.opcode == opcode::LD_IMM64 && slot.src == pseudo::FUNC
}

/// Whether a slot is a classic load from the packet.
fn is_packet_load(slot: &Slot) -> bool {
    opcode::class(slot.opcode) == class::LD && matches!(opcode::mode(slot.opcode), mode::ABS | mode::IND)
}

/// Whether one of the slots is a tail call.
fn has_tail_call(slots: &[Slot]) -> bool {
    let tail_call = |slot: &Slot| Helper::from_number(slot.imm) == Some(Helper::TailCall);
    slots.iter().any(|slot| slot.opcode == opcode::CALL && slot.src == 0 && tail_call(slot))
}

fn target(slot: &Slot, at: usize) -> i64 {
    let distance = if slot.opcode == opcode::JA32 { i64::from(slot.imm) } else { i64::from(slot.off) };
    at as i64 + distance + 1
}
