//! The class of a rejection, by what its message says and by the states on its path.

use knockwright_asm::{Code, Helper, Insn, Program, Reg, Size, opcode};
use knockwright_verifier::log::{PointerKind, RegState};
use knockwright_verifier::message::Kind;

use super::{Evidence, Fault};
use crate::slice::{Role, Storage, slice};

/// Whether an access leads out of what it may touch, whatever that is.
pub(crate) const fn is_outside(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::MinOutside | Kind::MaxOutside | Kind::MinNegative | Kind::UnboundedAccess | Kind::OutsidePacket
    )
}

/// Whether the code is refused for its form, before or without looking at values.
pub(super) const fn is_structural(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Unreachable
            | Kind::JumpOutOfRange
            | Kind::JumpIntoLoad
            | Kind::FallsOff
            | Kind::BackEdge
            | Kind::CallTarget
            | Kind::UnknownOpcode
            | Kind::ReservedFields
            | Kind::InvalidRegister
            | Kind::IncompleteLoad
            | Kind::UnknownLoad
            | Kind::MapDescriptor
            | Kind::NoDirectValue
            | Kind::DirectOffset
            | Kind::DirectValue
            | Kind::UnknownKfunc
            | Kind::CombinedStack
            | Kind::UnknownHelper
            | Kind::HelperNotForType
            | Kind::GplOnly
            | Kind::NoFuncInfo
            | Kind::CallbackGlobal
            | Kind::FunctionCount
            | Kind::LegacyLoad
            | Kind::LegacyLoadFields
            | Kind::LeakingLoad
            | Kind::TooManyInstructions
            | Kind::TooManyJumps
            | Kind::TooManyFunctions
            | Kind::PatchRange
            | Kind::AtomicSize
    )
}

/// Why a register has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unwritten {
    /// A classic packet load wants the context in r6.
    PacketLoad,
    /// It's one that a function doesn't get from its caller.
    CalleeSaved,
    /// A jump on the path leads around what writes it.
    AfterJoin,
    /// It's the result.
    Result,
    /// Nothing writes it, or a call has taken it.
    Plain,
}

pub(super) fn unwritten(fault: &Fault<'_>, program: Option<&Program>) -> Unwritten {
    let (Some(step), Some(reg)) = (fault.step, fault.register) else { return Unwritten::Plain };
    if matches!(fault.insn, Some(Insn::LoadAbs { .. } | Insn::LoadInd { .. })) && reg == Reg::R6 {
        return Unwritten::PacketLoad;
    }
    if fault.frame > 0 && (6..=9).contains(&reg.number()) {
        return Unwritten::CalleeSaved;
    }
    let story = slice(&fault.path, step, &[Storage::Reg { frame: fault.frame, reg }]);
    let lost = story.events.iter().any(|event| event.role == Role::Lost);
    if !lost && skips_a_write(fault, step, reg, program) {
        return Unwritten::AfterJoin;
    }
    if reg == Reg::R0 && !lost { Unwritten::Result } else { Unwritten::Plain }
}

/// Whether a jump on the path leads around instructions that write the register, or that the log doesn't show.
fn skips_a_write(fault: &Fault<'_>, last: usize, reg: Reg, program: Option<&Program>) -> bool {
    let steps = fault.path.steps();
    (0..last).any(|step| {
        let Some(off) = fault.path.insn(step).and_then(|insn| insn.jump_offset()) else { return false };
        if off <= 0 || !fault.path.is_taken(step) {
            return false;
        }
        let from = steps[step].slot + 1;
        let skipped = from..from + off as usize;
        match program {
            Some(program) => program.slots().any(|(slot, item)| match item.code {
                Code::Insn(insn) => skipped.contains(&slot) && insn.writes().contains(reg),
                Code::Raw(_) => false,
            }),
            None => skipped.clone().any(|slot| {
                match fault.path.reading.listing.get(slot).and_then(Option::as_ref) {
                    Some(_) => fault.path.listed(slot).is_some_and(|insn| insn.writes().contains(reg)),
                    // Second halves of 64-bit loads aren't listed either.
                    None => !slot.checked_sub(1).is_some_and(|before| {
                        matches!(fault.path.reading.listing.get(before), Some(Some((opcode::LD_IMM64, _))))
                    }),
                }
            }),
        }
    })
}

/// What a register holds that memory is accessed through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    Number,
    /// A number that was a spilled pointer, until a part of it was overwritten.
    SpillInPart,
    /// A number that was a packet pointer, until a helper moved the packet.
    LostPacket,
    /// A number that was something acquired, until it was given back.
    Released,
    /// The end of the packet.
    PacketEnd,
    Map,
    /// What a lookup in an array by a constant gave, which may be NULL.
    ConstantLookup,
    /// A map value or something else that may be NULL.
    MapValueOrNull,
    /// A record that may be NULL.
    RecordOrNull,
    /// Something else.
    Other,
}

pub(super) fn held(fault: &Fault<'_>, word: &str, program: Option<&Program>) -> Held {
    match word {
        "inv" | "scalar" | "imm" => number(fault),
        "pkt_end" => Held::PacketEnd,
        "map_ptr" => Held::Map,
        word if word.ends_with("map_value_or_null") => {
            if looks_up_array_by_constant(fault, program) {
                Held::ConstantLookup
            } else {
                Held::MapValueOrNull
            }
        }
        word if word.ends_with("mem_or_null") && is_record(fault, word) => Held::RecordOrNull,
        word if word.ends_with("_or_null") => Held::MapValueOrNull,
        _ => Held::Other,
    }
}

/// Whether memory that may be NULL is a record of a ring buffer: by its own name, or since it is reserved on the path.
fn is_record(fault: &Fault<'_>, word: &str) -> bool {
    if word.starts_with("ringbuf_mem") {
        return true;
    }
    let (Some(step), Some(reg)) = (fault.step, fault.register) else { return false };
    let story = slice(&fault.path, step, &[Storage::Reg { frame: fault.frame, reg }]);
    story.events.iter().any(|event| helper(fault, event.step) == Some(Helper::RingbufReserve))
}

/// Whether the pointer comes from a lookup in an array, as the program's maps tell, with a constant key.
fn looks_up_array_by_constant(fault: &Fault<'_>, program: Option<&Program>) -> bool {
    let (Some(program), Some(step), Some(reg)) = (program, fault.step, fault.register) else { return false };
    let story = slice(&fault.path, step, &[Storage::Reg { frame: fault.frame, reg }]);
    let Some(call) = story.events.iter().find(|event| event.role == Role::Origin(crate::slice::Origin::Call))
    else {
        return false;
    };
    let frame = fault.path.steps()[call.step].frame;
    let map = program.slots().filter(|(slot, _)| *slot < fault.path.steps()[call.step].slot).filter_map(
        |(_, item)| match item.code {
            Code::Insn(Insn::LoadImm64 { dst: Reg::R1, value: knockwright_asm::Imm64::MapIdx(index) }) => {
                program.maps.get(usize::try_from(index).ok()?)
            }
            _ => None,
        },
    );
    let Some(map) = map.last() else { return false };
    if !map.map_type.facts().is_array {
        return false;
    }
    let Some((owner, offset)) = fault.path.stack_address(call.step, frame, Reg::R2, 0) else { return false };
    let place = Storage::Stack { frame: owner, offset, size: map.key.size() };
    let key = slice(&fault.path, call.step, &[place]);
    // A wider constant that covers the key counts too: the case is about how it was written.
    let wider = Storage::Stack { frame: owner, offset, size: 8 };
    let wide = slice(&fault.path, call.step, &[wider]);
    [key, wide].iter().any(|slice| {
        slice.events.iter().any(|event| event.role == Role::Origin(crate::slice::Origin::Constant))
    })
}

/// What a number was before, as far as the path shows it.
fn number(fault: &Fault<'_>) -> Held {
    let (Some(step), Some(reg)) = (fault.step, fault.register) else { return Held::Number };
    let story = slice(&fault.path, step, &[Storage::Reg { frame: fault.frame, reg }]);
    if story.events.iter().any(|event| event.role == Role::Overwritten) {
        return Held::SpillInPart;
    }
    // The last state shown for the register may be older than the call that took the pointer away.
    let mut states: Vec<RegState<'_>> = fault.state(reg).into_iter().collect();
    for event in &story.events {
        if let Storage::Reg { frame, reg } = event.place {
            states.extend(fault.path.after(event.step, frame, reg));
        }
    }
    for state in states {
        let RegState::Pointer(pointer) = state else { continue };
        if pointer.kind.is_packet() {
            return Held::LostPacket;
        }
        if pointer.ref_obj_id.is_some() {
            return Held::Released;
        }
        if pointer.kind == PointerKind::Mem && !pointer.may_be_null() {
            // A slice of a packet's dynptr goes with the packet, other memory with what it is of.
            let is_slice = story.events.iter().any(|event| is_slice(fault, event.step));
            if is_slice && moves_packet(fault, step) {
                return Held::LostPacket;
            }
            if !is_slice || (0..step).any(|at| releases(fault, at)) {
                return Held::Released;
            }
        }
    }
    if story.events.iter().any(|event| reserves(fault, event.step)) {
        return Held::Released;
    }
    if story.events.iter().any(|event| loads_packet_pointer(fault, event.step)) && moves_packet(fault, step) {
        return Held::LostPacket;
    }
    Held::Number
}

/// Whether the register's number was loaded from memory, so that it may be an address.
pub(crate) fn comes_from_memory(fault: &Fault<'_>) -> bool {
    let (Some(step), Some(reg)) = (fault.step, fault.register) else { return false };
    let story = slice(&fault.path, step, &[Storage::Reg { frame: fault.frame, reg }]);
    let is_loaded = |role| {
        matches!(role, Role::Origin(crate::slice::Origin::Memory(Size::U64) | crate::slice::Origin::Context))
    };
    story.events.iter().any(|event| is_loaded(event.role))
}

/// Whether a step gives a slice of what a dynptr stands for.
pub(crate) fn is_slice(fault: &Fault<'_>, step: usize) -> bool {
    helper_name(fault, step)
        .is_some_and(|name| name.starts_with("bpf_dynptr_slice") || name == Helper::DynptrData.name())
}

/// Whether a step acquires something that is given back between it and the fault.
fn reserves(fault: &Fault<'_>, step: usize) -> bool {
    helper(fault, step) == Some(Helper::RingbufReserve)
        && fault.step.is_some_and(|last| (step..last).any(|step| releases(fault, step)))
}

/// Whether a step calls something that takes an object from the program. Kernel functions tell it by their names.
pub(crate) fn releases(fault: &Fault<'_>, step: usize) -> bool {
    match helper(fault, step) {
        Some(helper) => helper.releases(),
        None => helper_name(fault, step).is_some_and(|name| name.contains("release")),
    }
}

fn loads_packet_pointer(fault: &Fault<'_>, step: usize) -> bool {
    let Some(Insn::Load { dst, base, off, .. }) = fault.path.insn(step) else { return false };
    let frame = fault.path.steps()[step].frame;
    match fault.path.after(step, frame, dst) {
        Some(RegState::Pointer(pointer)) => pointer.kind.is_packet(),
        Some(_) => false,
        // Where the log shows no states: `data` of struct xdp_md and struct __sk_buff, linux/bpf.h.
        None => base == Reg::R1 && matches!(off, 0 | 76),
    }
}

fn moves_packet(fault: &Fault<'_>, last: usize) -> bool {
    (0..last).any(|step| moves_packets(fault, step))
}

/// Whether a step calls something that may move the packet. Kernel functions tell it by their names.
pub(crate) fn moves_packets(fault: &Fault<'_>, step: usize) -> bool {
    match helper(fault, step) {
        Some(helper) => helper.moves_packet(),
        None => helper_name(fault, step).is_some_and(|name| name.contains("pull_data")),
    }
}

/// The helper that a step calls.
pub(crate) fn helper(fault: &Fault<'_>, step: usize) -> Option<Helper> {
    helper_name(fault, step)?.parse().ok()
}

/// The name of the helper, or of the kernel function, that a step calls.
pub(crate) fn helper_name(fault: &Fault<'_>, step: usize) -> Option<String> {
    let text = fault.path.text(step).strip_prefix("call ")?;
    Some(text.split('#').next()?.to_owned()).filter(|name| name.starts_with("bpf_"))
}

/// What a field that must be zero may be instead: that of an older kernel may be the encoding of a newer instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reserved {
    /// A call of a kernel function.
    Call,
    /// An instruction that this kernel doesn't have.
    NewerInsn,
    Atomic,
    /// Nothing that is known.
    Other,
}

pub(super) fn reserved(evidence: &Evidence<'_>, class: &str) -> Reserved {
    match class {
        "BPF_CALL" => Reserved::Call,
        "BPF_LDX" | "BPF_ALU" => Reserved::NewerInsn,
        "BPF_STX" | "BPF_XADD" => {
            let is_newer = |insn: &Insn| matches!(insn, Insn::LoadAcquire { .. } | Insn::StoreRelease { .. });
            if evidence.has(is_newer) { Reserved::NewerInsn } else { Reserved::Atomic }
        }
        _ => Reserved::Other,
    }
}

/// The last call before a step that is of some sort, with its name.
pub(crate) fn call_before(
    fault: &Fault<'_>,
    last: usize,
    wanted: fn(&Fault<'_>, usize) -> bool,
) -> Option<(usize, String)> {
    let step = (0..last).rev().find(|&step| wanted(fault, step))?;
    Some((step, helper_name(fault, step)?))
}
