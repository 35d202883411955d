//! Control flow and encoding, checked before any instruction is walked.

use knockwright_asm::isa::Row;
use knockwright_asm::linux::map_type::Direct;
use knockwright_asm::{Helper, Insn, KernelVersion, RegSet, Slot};

use crate::message::{Message, Opcode};
use crate::profile::Rules;
use crate::program::{Subject, decode};
use crate::stop::{Checked, E2BIG, EACCES, EBADF, EINVAL, ENOTSUPP, Stop, refuse};

/// Opcodes that the checks look at, RFC 9669 section 4.
pub(crate) const LD_IMM64: u8 = 0x18;
pub(crate) const CALL: u8 = 0x85;
const EXIT: u8 = 0x95;
const GOTO: u8 = 0x05;
const GOTO_LONG: u8 = 0x06;
const MAY_GOTO: u8 = 0xe5;

/// Source registers of `ld_imm64` and calls, `include/uapi/linux/bpf.h`.
const PSEUDO_FUNC: u8 = 4;
const PSEUDO_CALL: u8 = 1;
const PSEUDO_KFUNC: u8 = 2;

/// Offsets into a map's value stay below this.
const MAX_VALUE_OFFSET: u32 = 1 << 29;

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
    slot.opcode == CALL && slot.src == PSEUDO_CALL
}

/// Whether a slot loads the address of a function.
pub(crate) fn is_function_address(slot: &Slot) -> bool {
    slot.opcode == LD_IMM64 && slot.src == PSEUDO_FUNC
}

/// Whether a slot is a call of a helper that calls a function of the program before it returns.
fn calls_back_now(slot: &Slot) -> bool {
    let helper = Helper::from_number(slot.imm).filter(|_| slot.opcode == CALL && slot.src == 0);
    helper.is_some_and(|helper| helper.calls_back().is_some())
}

/// Whether a slot is a jump, conditional or not.
fn is_jump(slot: &Slot) -> bool {
    matches!(slot.opcode & 7, 5 | 6) && !matches!(slot.opcode & 0xf0, 0x80 | 0x90)
}

/// Whether a slot is a classic load from the packet.
pub(crate) fn is_packet_load(slot: &Slot) -> bool {
    slot.opcode & 7 == 0 && matches!(slot.opcode & 0xe0, 0x20 | 0x40)
}

/// Whether one of the slots is a tail call.
pub(crate) fn has_tail_call(slots: &[Slot]) -> bool {
    let tail_call = |slot: &Slot| Helper::from_number(slot.imm) == Some(Helper::TailCall);
    slots.iter().any(|slot| slot.opcode == CALL && slot.src == 0 && tail_call(slot))
}

fn target(slot: &Slot, at: usize) -> i64 {
    let distance = if slot.opcode == GOTO_LONG { i64::from(slot.imm) } else { i64::from(slot.off) };
    at as i64 + distance + 1
}

/// Finds the functions: the first slot of each, and at the end the number of slots.
pub(crate) fn find_functions(subject: &Subject) -> Checked<Vec<usize>> {
    let count = subject.slots.len();
    let mut starts = vec![0];
    for (at, slot) in subject.slots.iter().enumerate() {
        if slot.opcode == CALL && slot.src == PSEUDO_KFUNC {
            find_kfunc(subject, slot)?;
        }
        if !is_local_call(slot) && !is_function_address(slot) {
            continue;
        }
        let target = at as i64 + i64::from(slot.imm) + 1;
        let Some(target) = usize::try_from(target).ok().filter(|&target| target < count) else {
            return refuse(EINVAL, Message::CallTarget {});
        };
        if !starts.contains(&target) {
            if starts.len() >= 256 {
                return refuse(E2BIG, Message::TooManyFunctions {});
            }
            starts.push(target);
        }
    }
    starts.sort_unstable();
    starts.push(count);
    Ok(starts)
}

/// The largest id of a BTF type, `BTF_MAX_TYPE` of `include/uapi/linux/btf.h`.
const MAX_BTF_TYPE: u32 = 0xf_ffff;

/// Which functions a kernel has isn't known here, but none has an id that no BTF can have.
fn find_kfunc(subject: &Subject, slot: &Slot) -> Checked {
    let id = slot.imm as u32;
    if slot.off != 0 || id <= MAX_BTF_TYPE || !super::call::is_gpl_compatible(&subject.license) {
        return Err(Stop::unsupported("kfunc call"));
    }
    refuse(EINVAL, Message::UnknownKfunc { btf_id: id.into() })
}

/// Checks that jumps stay in their function and that each function ends.
pub(crate) fn check_functions(subject: &Subject, starts: &[usize]) -> Checked {
    for bounds in starts.windows(2) {
        for at in bounds[0]..bounds[1] {
            let slot = &subject.slots[at];
            if is_jump(slot) {
                let target = target(slot, at);
                if target < bounds[0] as i64 || target >= bounds[1] as i64 {
                    return refuse(EINVAL, Message::JumpOutOfRange { from: at.into(), to: target.into() });
                }
            }
            if at + 1 == bounds[1] && !matches!(slot.opcode, EXIT | GOTO | GOTO_LONG) {
                return refuse(EINVAL, Message::FallsOff {});
            }
        }
    }
    Ok(())
}

/// Without BTF nothing is known of what functions return, so that they must not end the program by themselves.
pub(crate) fn check_returns(subject: &Subject, starts: &[usize]) -> Checked {
    if !subject.functions.is_empty() {
        return Ok(());
    }
    for bounds in starts.windows(2).skip(1) {
        let slots = &subject.slots[bounds[0]..bounds[1]];
        let what = if slots.iter().any(is_packet_load) {
            "LD_ABS"
        } else if has_tail_call(slots) {
            "tail_call"
        } else {
            continue;
        };
        return refuse(EINVAL, Message::EndNeedsBtf { what: what.into() });
    }
    Ok(())
}

/// How many calls the check of the stack's depth follows before it gives up.
const MAX_FOLLOWED: usize = 5_000_000;

/// Checks that the stacks of functions that call each other fit together, following every chain of calls, also those that
/// no path takes. A function whose address is taken counts as called there.
pub(crate) fn check_stack_depth(subject: &Subject, structure: &Structure, used: &[usize]) -> Checked {
    const MAX_STACK: usize = 512;
    const MAX_FRAMES: usize = 8;
    const MAX_BEFORE_TAIL_CALL: usize = 256;
    let starts = &structure.starts;
    let tail_calls = |function: usize| has_tail_call(&subject.slots[starts[function]..starts[function + 1]]);
    let enter = |function: usize, depth: usize, frames: usize| -> Checked<usize> {
        if function > 0 && depth >= MAX_BEFORE_TAIL_CALL && tail_calls(function) {
            return refuse(EACCES, Message::TailCallStack { size: depth.into() });
        }
        let size = used[function].next_multiple_of(16);
        if depth + size > MAX_STACK {
            let size = depth + size;
            return refuse(EACCES, Message::CombinedStack { calls: frames.into(), size: size.into() });
        }
        Ok(size)
    };
    let mut depth = enter(0, 0, 1)?;
    let mut chain = vec![(0, starts[0], depth)];
    let mut followed = 0;
    while let Some(&mut (function, ref mut at, size)) = chain.last_mut() {
        let enters =
            |at: &usize| is_local_call(&subject.slots[*at]) || is_function_address(&subject.slots[*at]);
        let Some(call) = (*at..starts[function + 1]).find(enters) else {
            depth -= size;
            chain.pop();
            continue;
        };
        *at = call + 1;
        followed += 1;
        if followed > MAX_FOLLOWED {
            return Err(Stop::unsupported("calls of this many functions by each other"));
        }
        let target = (call as i64 + 1 + i64::from(subject.slots[call].imm)) as usize;
        let Some(callee) = starts.iter().position(|&start| start == target) else {
            continue;
        };
        if chain.len() >= MAX_FRAMES {
            return refuse(E2BIG, Message::ChainDepth { frames: chain.len().into() });
        }
        let size = enter(callee, depth, chain.len() + 1)?;
        depth += size;
        chain.push((callee, target, size));
    }
    Ok(())
}

/// Checks opcodes and 64-bit immediates.
pub(crate) fn check_encoding(subject: &Subject, rules: &Rules) -> Checked {
    let slots = &subject.slots;
    let mut at = 0;
    while at < slots.len() {
        let slot = &slots[at];
        let mode = slot.opcode & 0xe0;
        if slot.opcode & 7 == 1 && (!matches!(mode, 0x60 | 0x80) || slot.imm != 0) {
            return refuse(EINVAL, Message::ReservedFields { class: "BPF_LDX".into() });
        }
        if slot.opcode == LD_IMM64 {
            check_imm64(subject, at)?;
            at += 2;
            continue;
        }
        if !is_known_opcode(slot.opcode, rules.version) {
            return refuse(EINVAL, Message::UnknownOpcode { opcode: Opcode(slot.opcode.into()) });
        }
        at += 1;
    }
    Ok(())
}

fn check_imm64(subject: &Subject, at: usize) -> Checked {
    let slot = &subject.slots[at];
    let Some(next) = subject
        .slots
        .get(at + 1)
        .filter(|next| next.opcode == 0 && next.dst == 0 && next.src == 0 && next.off == 0)
    else {
        return refuse(EINVAL, Message::IncompleteLoad {});
    };
    match slot.src {
        0 | PSEUDO_FUNC => return Ok(()),
        3 => return Err(Stop::unsupported("ld_imm64 of a kernel variable")),
        2 | 6 => {}
        1 | 5 if next.imm == 0 => {}
        _ => {
            return refuse(EINVAL, Message::UnknownLoad {});
        }
    }
    if slot.src < 5 {
        // Maps come by index here: nothing is open but the standard streams, which are no maps.
        let errno = if (0..3).contains(&slot.imm) { EINVAL } else { EBADF };
        return refuse(errno, Message::MapDescriptor { fd: slot.imm.into() });
    }
    let Some(map) = usize::try_from(slot.imm).ok().and_then(|index| subject.maps.get(index)) else {
        return Err(Stop::unsupported("ld_imm64 of a map that isn't defined"));
    };
    let direct = map.map_type.facts().direct;
    if direct == Direct::Other {
        return Err(Stop::unsupported(format!("a map of kind {}", map.map_type)));
    }
    if slot.src == 6 {
        let offset = next.imm as u32;
        if offset >= MAX_VALUE_OFFSET {
            return refuse(EINVAL, Message::DirectOffset { off: offset.into() });
        }
        if direct == Direct::Refused {
            return refuse(EINVAL, Message::NoDirectValue {});
        }
        let errno = match () {
            () if map.max_entries != 1 => ENOTSUPP,
            () if offset >= map.value_size => EINVAL,
            () => return Ok(()),
        };
        let (value_size, off) = (map.value_size.into(), offset.into());
        return refuse(errno, Message::DirectValue { value_size, off });
    }
    Ok(())
}

/// Whether a kernel's table of instructions has the opcode.
fn is_known_opcode(opcode: u8, kernel: KernelVersion) -> bool {
    use std::sync::LazyLock;
    static SINCE: LazyLock<[Option<KernelVersion>; 256]> = LazyLock::new(|| {
        let mut first = [None; 256];
        for row in knockwright_asm::isa::TABLE {
            let first: &mut Option<KernelVersion> = &mut first[usize::from(row.opcode)];
            *first = Some(first.map_or(row.since, |known| known.min(row.since)));
        }
        first
    });
    SINCE[usize::from(opcode)].is_some_and(|since| since <= kernel) && opcode != LD_IMM64
}

/// Marks prune points and finds instructions that no path reaches.
pub(crate) fn check_flow(subject: &Subject, starts: Vec<usize>, rules: &Rules) -> Checked<Structure> {
    let slots = &subject.slots;
    let count = slots.len();
    let mut structure = Structure {
        prune: vec![false; count],
        joins: vec![false; count],
        forced: vec![false; count],
        calls_back: vec![false; count],
        insns: Vec::with_capacity(count),
        roles: Vec::new(),
        starts,
    };
    let mut reached = vec![false; count];
    let mut work = vec![0];
    reached[0] = true;
    while let Some(at) = work.pop() {
        let slot = &slots[at];
        let mut go = |from: usize, to: i64| -> Checked {
            let Some(to) = usize::try_from(to).ok().filter(|&to| to < count) else {
                return refuse(EINVAL, Message::JumpOutOfRange { from: from.into(), to: to.into() });
            };
            if !reached[to] {
                reached[to] = true;
                work.push(to);
            }
            Ok(())
        };
        let next = at as i64 + if slot.opcode == LD_IMM64 { 2 } else { 1 };
        if is_function_address(slot) {
            go(at, next)?;
            let callee = (at as i64 + i64::from(slot.imm) + 1) as usize;
            structure.prune[at] = true;
            structure.joins[at] = true;
            structure.prune[next as usize % count] = true;
            structure.joins[next as usize % count] = true;
            structure.prune[callee] = true;
            structure.joins[callee] = true;
            go(at, callee as i64)?;
        } else if slot.opcode == EXIT {
        } else if slot.opcode == CALL {
            go(at, next)?;
            structure.prune[at + 1] = true;
            structure.joins[at + 1] = true;
            if slot.src == PSEUDO_CALL {
                let callee = (at as i64 + i64::from(slot.imm) + 1) as usize;
                structure.prune[at] = true;
                structure.prune[callee] = true;
                structure.joins[callee] = true;
                go(at, callee as i64)?;
            } else if calls_back_now(slot) {
                structure.calls_back[at] = true;
                structure.forced[at] = true;
                structure.prune[at] = true;
                structure.joins[at] = true;
            }
        } else if matches!(slot.opcode, GOTO | GOTO_LONG) {
            let to = target(slot, at);
            go(at, to)?;
            structure.prune[to as usize] = true;
            structure.joins[to as usize] = true;
        } else if is_jump(slot) {
            structure.prune[at] = true;
            if slot.opcode == MAY_GOTO && slot.src == 0 {
                structure.forced[at] = true;
            }
            let to = target(slot, at);
            go(at, next)?;
            go(at, to)?;
            structure.prune[to as usize] = true;
            structure.joins[to as usize] = true;
        } else {
            go(at, next)?;
        }
    }
    let mut at = 0;
    while at < count {
        if !reached[at] {
            return refuse(EINVAL, Message::Unreachable { insn: at.into() });
        }
        let known = |insn: &Insn| Row::of(insn).since <= rules.version;
        structure.insns.push(decode(slots, at).filter(known));
        if slots[at].opcode == LD_IMM64 {
            if reached[at + 1] {
                return refuse(EINVAL, Message::JumpIntoLoad { insn: at.into() });
            }
            structure.insns.push(None);
            at += 1;
        }
        at += 1;
    }
    structure.roles = structure.insns.iter().map(|insn| Roles::of(insn.as_ref())).collect();
    Ok(structure)
}
