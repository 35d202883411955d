//! The class of a rejection, by what its message says and by the states on its path.

use knockwright_asm::{Code, Helper, Insn, Program, Reg};
use knockwright_verifier::log::{PointerKind, RegState};

use super::{Fault, bounds};
use crate::class::Class;
use crate::slice::{Place, Role, slice};
use knockwright_verifier::message::{Kind, Read};

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
            | Kind::TooLarge
            | Kind::AtomicSize
    )
}

/// The class of a rejection. The program, where it's at hand, tells what some logs leave open.
pub(crate) fn classify(fault: &Fault<'_>, program: Option<&Program>) -> Class {
    let Some((message, _)) = &fault.message else { return Class::Unknown };
    match message.kind {
        Kind::NotReadable => not_readable(fault, program),
        Kind::MemAccess => memory_access(fault, message, program),
        Kind::TypeArithmetic => match message.fields.text("held") {
            Some("pkt_end") => Class::PacketEndAccess,
            Some("map_ptr") => Class::MapPointerArithmetic,
            _ => Class::PointerOperator,
        },
        Kind::ArgumentType => argument_type(fault, message),
        Kind::ValueAccess | Kind::PacketAccess | Kind::MemoryAccess | Kind::KeyAccess => {
            bounds::access(fault, Kind::MaxOutside)
        }
        kind if is_outside(kind) => bounds::access(fault, kind),
        Kind::UnboundedMath => bounds::addition(fault, Class::MapValueUnbounded),
        Kind::ValueOutOfBounds | Kind::PointerOffset => match message.fields.number("value") {
            Some(value) if value < 0 => bounds::addition(fault, Class::MapValueNegativeIndex),
            _ => bounds::addition(fault, Class::MapValueUnbounded),
        },
        Kind::StackRead | Kind::StackByte | Kind::ArgumentByte | Kind::VaryingByte => {
            stack_read(fault, message)
        }
        Kind::PacketAlignment => alignment(fault, Class::PacketAlignment),
        Kind::ValueAlignment | Kind::Alignment | Kind::NamelessAlignment => {
            alignment(fault, Class::MapValueAlignment)
        }
        Kind::CallDepth | Kind::ChainDepth => call_depth(fault),
        Kind::JumpOutOfRange => jump_out_of_range(fault, message, program),
        Kind::BackEdge => back_edge(fault, message, program),
        Kind::UnknownOpcode => unknown_opcode(message),
        Kind::ReservedFields => reserved_fields(message, program),
        Kind::IncompleteLoad | Kind::UnknownLoad => incomplete_load(program),
        Kind::AtomicOpcode => match message.fields.text("opcode") {
            // Load-acquire and store-release are atomic opcodes of newer kernels.
            Some("100" | "110") => Class::UnknownOpcode,
            _ => Class::AtomicEncoding,
        },
        kind => kind.class().and_then(Class::of).unwrap_or(Class::Unlisted),
    }
}

fn not_readable(fault: &Fault<'_>, program: Option<&Program>) -> Class {
    let (Some(step), Some(reg)) = (fault.step, fault.register) else { return Class::UninitialisedRegister };
    if matches!(fault.insn, Some(Insn::LoadAbs { .. } | Insn::LoadInd { .. })) && reg == Reg::R6 {
        return Class::LegacyPacketLoad;
    }
    if fault.frame > 0 && (6..=9).contains(&reg.number()) {
        return Class::CalleeSavedLost;
    }
    let story = slice(&fault.path, step, &[Place::Reg { frame: fault.frame, reg }]);
    let lost = story.events.iter().any(|event| event.role == Role::Lost);
    if !lost && skips_a_write(fault, step, reg, program) {
        return Class::UninitialisedAfterJoin;
    }
    if reg == Reg::R0 && !lost { Class::UninitialisedResult } else { Class::UninitialisedRegister }
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
                    Some((opcode, text)) => {
                        crate::reading::decode(*opcode, text).is_some_and(|insn| insn.writes().contains(reg))
                    }
                    // Second halves of 64-bit loads aren't listed either.
                    None => !slot.checked_sub(1).is_some_and(|before| {
                        matches!(fault.path.reading.listing.get(before), Some(Some((0x18, _))))
                    }),
                }
            }),
        }
    })
}

fn memory_access(fault: &Fault<'_>, message: &Read<'_>, program: Option<&Program>) -> Class {
    let word = message.fields.text("held").unwrap_or_default();
    match word {
        "inv" | "scalar" | "imm" => number_access(fault),
        "pkt_end" => Class::PacketEndAccess,
        "map_ptr" => Class::MapInternals,
        word if word.ends_with("map_value_or_null") => {
            if looks_up_array_by_constant(fault, program) {
                Class::ArrayConstantKey
            } else {
                Class::MapValueOrNull
            }
        }
        word if word.ends_with("mem_or_null") => Class::RingbufOrNull,
        word if word.ends_with("_or_null") => Class::MapValueOrNull,
        _ => Class::Unlisted,
    }
}

/// Whether the pointer comes from a lookup in an array, as the program's maps tell, with a constant key.
fn looks_up_array_by_constant(fault: &Fault<'_>, program: Option<&Program>) -> bool {
    let (Some(program), Some(step), Some(reg)) = (program, fault.step, fault.register) else { return false };
    let story = slice(&fault.path, step, &[Place::Reg { frame: fault.frame, reg }]);
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
    let place = Place::Stack { frame: owner, offset, size: map.key.size() };
    let key = slice(&fault.path, call.step, &[place]);
    // A wider constant that covers the key counts too: the case is about how it was written.
    let wider = Place::Stack { frame: owner, offset, size: 8 };
    let wide = slice(&fault.path, call.step, &[wider]);
    [key, wide].iter().any(|slice| {
        slice.events.iter().any(|event| event.role == Role::Origin(crate::slice::Origin::Constant))
    })
}

/// The class of an access through a number: what the register held before says which.
fn number_access(fault: &Fault<'_>) -> Class {
    let (Some(step), Some(reg)) = (fault.step, fault.register) else { return Class::NullDereference };
    let story = slice(&fault.path, step, &[Place::Reg { frame: fault.frame, reg }]);
    if story.events.iter().any(|event| event.role == Role::Overwritten) {
        return Class::SpilledPointer;
    }
    // The last state shown for the register may be older than the call that took the pointer away.
    let mut states: Vec<RegState<'_>> = fault.state(reg).into_iter().collect();
    for event in &story.events {
        if let Place::Reg { frame, reg } = event.place {
            states.extend(fault.path.after(event.step, frame, reg));
        }
    }
    for state in states {
        let RegState::Pointer(pointer) = state else { continue };
        if pointer.kind.is_packet() {
            return Class::PacketPointerLost;
        }
        if pointer.ref_obj_id != 0 || pointer.kind == PointerKind::Mem && !pointer.or_null {
            return Class::DoubleRelease;
        }
    }
    if story.events.iter().any(|event| reserves(fault, event.step)) {
        return Class::DoubleRelease;
    }
    if story.events.iter().any(|event| loads_packet_pointer(fault, event.step)) && moves_packet(fault, step) {
        return Class::PacketPointerLost;
    }
    Class::NullDereference
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

fn argument_type(fault: &Fault<'_>, message: &Read<'_>) -> Class {
    let word = message.fields.text("held").unwrap_or_default();
    if word.ends_with("_or_null") {
        return Class::OrNullArgument;
    }
    if matches!(word, "scalar" | "inv") && fault.step.is_some_and(|step| releases(fault, step)) {
        return Class::DoubleRelease;
    }
    Class::ArgumentType
}

fn stack_read(fault: &Fault<'_>, message: &Read<'_>) -> Class {
    if fault.is_call() {
        return Class::HelperReadsStack;
    }
    let (off, size) =
        (message.fields.number("off").unwrap_or(-1), message.fields.number("size").unwrap_or(1));
    let inside = (-512..0).contains(&off) && off + size <= 0;
    if inside { Class::UninitialisedStack } else { Class::StackBounds }
}

fn alignment(fault: &Fault<'_>, plain: Class) -> Class {
    if matches!(fault.insn, Some(Insn::Atomic { .. })) { Class::AtomicMisaligned } else { plain }
}

/// Too deep a stack is a recursion if one call made all its frames.
fn call_depth(fault: &Fault<'_>) -> Class {
    let Some(last) = fault.step else { return Class::CallDepth };
    let slot = fault.path.steps()[last].slot;
    let calls = fault.path.steps()[..last].iter().filter(|step| step.slot == slot).count();
    if calls > 2 { Class::Recursion } else { Class::CallDepth }
}

fn jump_out_of_range(fault: &Fault<'_>, message: &Read<'_>, program: Option<&Program>) -> Class {
    let Some(to) = message.fields.number("to").and_then(|to| usize::try_from(to).ok()) else {
        return Class::JumpOutOfRange;
    };
    // The target may exist, in another function.
    let exists = match program {
        Some(program) => to < program.slot_count(),
        None => fault.path.reading.functions.iter().any(|start| *start > 0 && to >= *start),
    };
    if exists { Class::JumpBetweenFunctions } else { Class::JumpOutOfRange }
}

fn back_edge(fault: &Fault<'_>, message: &Read<'_>, program: Option<&Program>) -> Class {
    let from = message.fields.number("from").and_then(|from| usize::try_from(from).ok());
    let is_call = from.is_some_and(|from| match program {
        Some(program) => program
            .slots()
            .any(|(slot, item)| slot == from && matches!(item.code, Code::Insn(Insn::CallLocal { .. }))),
        None => matches!(fault.path.reading.listing.get(from), Some(Some((0x85, _)))),
    });
    if is_call { Class::Recursion } else { Class::InfiniteLoop }
}

fn unknown_opcode(message: &Read<'_>) -> Class {
    let opcode = message.fields.text("opcode").and_then(|text| u8::from_str_radix(text, 16).ok());
    match opcode {
        // Class STX, mode ATOMIC: 8 and 16 bits wide don't exist.
        Some(opcode) if opcode & 0xe7 == 0xc3 => Class::AtomicEncoding,
        _ => Class::UnknownOpcode,
    }
}

/// Reserved fields of an older kernel may be the encoding of a newer instruction.
fn reserved_fields(message: &Read<'_>, program: Option<&Program>) -> Class {
    let has = |wanted: fn(&Insn) -> bool| {
        program.is_some_and(|program| {
            program.items.iter().any(|item| matches!(&item.code, Code::Insn(insn) if wanted(insn)))
        })
    };
    match message.fields.text("class") {
        Some("BPF_CALL") => Class::UnknownKfunc,
        Some("BPF_LDX" | "BPF_ALU") => Class::UnknownOpcode,
        Some("BPF_STX" | "BPF_XADD") => {
            let is_newer = |insn: &Insn| matches!(insn, Insn::LoadAcquire { .. } | Insn::StoreRelease { .. });
            if has(is_newer) { Class::UnknownOpcode } else { Class::AtomicEncoding }
        }
        _ => Class::ReservedField,
    }
}

/// Kernels without callbacks don't know the reference to a function.
fn incomplete_load(program: Option<&Program>) -> Class {
    let refers_to_function = program.is_some_and(|program| {
        program.items.iter().any(|item| {
            matches!(item.code, Code::Insn(Insn::LoadImm64 { value: knockwright_asm::Imm64::Func(_), .. }))
        })
    });
    if refers_to_function { Class::CallbackWithoutFuncInfo } else { Class::IncompleteLdImm64 }
}
