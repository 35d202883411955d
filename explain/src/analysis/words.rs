//! States and events in words.

use knockwright_asm::{AluOp, Cond, Insn, Reg, Size, Source};
use knockwright_verifier::log::{PointerKind, RegState};

use super::Fault;
use crate::counted::counted;
use crate::numbers;
use crate::slice::{Event, Origin, Role, Storage, is_null_check};

/// A register's content in words.
pub(crate) fn describe(state: &RegState<'_>) -> String {
    match state {
        RegState::Scalar(scalar) => match scalar.constant() {
            Some(value) => format!("the number {}", value.cast_signed()),
            None => match numbers::range(state) {
                Some((min, max)) if min <= i128::from(i64::MIN) && max >= i128::from(i64::MAX) => {
                    "any number".to_owned()
                }
                Some((min, max)) if min == 0 && max >= i128::from(u64::MAX) => "any number".to_owned(),
                Some((min, max)) => format!("a number from {min} to {max}"),
                None => "a number".to_owned(),
            },
        },
        RegState::Pointer(pointer) => {
            let null = if pointer.may_be_null() { "NULL or " } else { "" };
            let what = match pointer.kind {
                PointerKind::Ctx => "the context".to_owned(),
                PointerKind::Stack => "a pointer to the stack".to_owned(),
                PointerKind::MapPtr => format!("the map{}", map_name(pointer.map.and_then(|map| map.name))),
                PointerKind::MapValue => {
                    format!("a pointer to a value of{}", map_name(pointer.map.and_then(|map| map.name)))
                }
                PointerKind::MapKey => "a pointer to a map's key".to_owned(),
                PointerKind::Packet => "a packet pointer".to_owned(),
                PointerKind::PacketMeta => "a pointer to the packet's metadata".to_owned(),
                PointerKind::PacketEnd => "the packet's end".to_owned(),
                PointerKind::Mem => "a pointer to memory".to_owned(),
                // NULL is said already.
                _ => format!("a {}", pointer.word.replacen("ptr_or_null_", "ptr_", 1)),
            };
            let offset = match pointer.constant_offset() {
                Some(0) => String::new(),
                Some(offset) => format!(" at offset {offset}"),
                None => match numbers::offsets(pointer) {
                    (min, max) if max - min >= i128::from(i64::MAX) => " at any offset".to_owned(),
                    (min, max) => format!(" at offset {min} to {max}"),
                },
            };
            let range = match pointer.range {
                Some(range) if pointer.kind.is_packet() && range >= 0 => {
                    format!(", {} proven", counted(range, "byte"))
                }
                _ => String::new(),
            };
            format!("{null}{what}{offset}{range}")
        }
        RegState::Unknown(text) => (*text).to_owned(),
    }
}

fn map_name(name: Option<&str>) -> String {
    name.map_or_else(|| " a map".to_owned(), |name| format!(" {name}"))
}

/// A place in words.
fn name(place: Storage) -> String {
    match place {
        Storage::Reg { reg, .. } => reg.to_string(),
        Storage::Stack { offset, .. } => format!("the stack at fp{offset}"),
    }
}

/// What an event did, in words.
#[expect(clippy::too_many_lines, reason = "an arm for each role")]
pub(crate) fn event(fault: &Fault<'_>, event: &Event) -> String {
    let path = &fault.path;
    let insn = path.insn(event.step);
    let frame = path.steps()[event.step].frame;
    let after = |reg: Reg| path.after(event.step, frame, reg).map(|state| describe(&state));
    let is_now = |reg: Reg| after(reg).map_or_else(String::new, |state| format!(": {reg} is {state}"));
    let this = name(event.place);
    let reg = if let Storage::Reg { reg, .. } = event.place { Some(reg) } else { None };
    match event.role {
        Role::Origin(Origin::Constant) => {
            format!("{this} gets a constant{}", reg.map_or_else(String::new, is_now))
        }
        Role::Origin(Origin::Address) => match reg.and_then(after) {
            Some(state) => format!("{this} gets {state}"),
            None => format!("{this} gets an address"),
        },
        Role::Origin(Origin::Call) => {
            let callee = super::helper_name(fault, event.step).unwrap_or_else(|| "the function".to_owned());
            match reg.and_then(after) {
                Some(state) => format!("{callee} returns {state}"),
                None => format!("{this} is what {callee} returns"),
            }
        }
        Role::Origin(Origin::Memory(size)) => {
            let most = match size {
                Size::U8 => "one byte: 0 to 255",
                Size::U16 => "two bytes: 0 to 65535",
                Size::U32 => "four bytes: 0 to 4294967295",
                Size::U64 => "eight bytes: any number",
            };
            let base = match insn {
                Some(Insn::Load { base, .. }) => path.before(event.step, frame, base),
                _ => None,
            };
            // Members of kernel structs may be pointers.
            let is_struct = |state: &RegState<'_>| matches!(state, RegState::Pointer(pointer) if pointer.kind == PointerKind::Btf);
            let may_be_pointer = base.as_ref().is_none_or(is_struct) && matches!(size, Size::U32 | Size::U64);
            match reg.and_then(|reg| path.after(event.step, frame, reg)) {
                Some(state @ RegState::Pointer(_)) => format!("{this} is loaded: {}", describe(&state)),
                // Where it isn't known what is loaded from, it may be a field of the context.
                None if may_be_pointer => format!("{this} is loaded"),
                Some(state) if may_be_pointer => format!("{this} is loaded: {}", describe(&state)),
                // What stands in a map that nobody can change is known.
                Some(state) if is_narrower(&state, size) => {
                    format!("{this} is loaded from memory: {}", describe(&state))
                }
                _ => format!("{this} is loaded from memory, {most}"),
            }
        }
        Role::Origin(Origin::SignedMemory) => {
            format!("{this} is loaded from memory with its sign{}", reg.map_or_else(String::new, is_now))
        }
        Role::Origin(Origin::Context) => match reg.and_then(after) {
            Some(state) => format!("{this} is loaded from the context: {state}"),
            None => format!("{this} is loaded from the context"),
        },
        Role::Origin(Origin::Argument) => {
            let callee = super::helper_name(fault, event.step);
            let callee = callee.unwrap_or_else(|| "the helper".to_owned());
            let state = match event.place {
                Storage::Reg { frame, reg } => path.before(event.step + 1, frame, reg),
                Storage::Stack { .. } => None,
            };
            let state = state.map_or_else(String::new, |state| format!(": {}", describe(&state)));
            format!("{callee} calls the function with {this}{state}")
        }
        Role::Moved => match insn {
            Some(Insn::Store { .. }) => format!("it is spilled to {this}"),
            Some(Insn::Load { .. }) => format!("{this} is filled from the stack"),
            Some(Insn::Exit) => "the function returns it".to_owned(),
            Some(Insn::CallLocal { .. } | Insn::CallHelper { .. }) => {
                format!("it is passed to the function in {this}")
            }
            _ => format!("{this} gets a copy{}", reg.map_or_else(String::new, is_now)),
        },
        Role::Changed => match insn {
            Some(Insn::Alu { op: AluOp::Add, src: Source::Reg(src), .. }) if reg.is_some() => {
                let added = path.before(event.step, frame, src).map(|state| describe(&state));
                let added = added.map_or_else(String::new, |added| format!(" ({added})"));
                format!("{src}{added} is added to {this}{}", reg.map_or_else(String::new, is_now))
            }
            Some(insn) => {
                let what = arithmetic(&insn, &this).unwrap_or_else(|| format!("{this} is changed"));
                format!("{what}{}", reg.map_or_else(String::new, is_now))
            }
            None => format!("{this} is changed{}", reg.map_or_else(String::new, is_now)),
        },
        Role::Compared => compared(fault, event, insn, reg),
        Role::Lost => {
            let callee = super::helper_name(fault, event.step);
            let callee = callee.map_or_else(|| "the call".to_owned(), |name| format!("the call of {name}"));
            format!("{callee} leaves r1 to r5 without a value, {this} among them")
        }
        Role::Overwritten => format!("a part of {this} is overwritten, so what was kept there is lost"),
    }
}

/// Whether a number is known better than by the width of what was loaded.
fn is_narrower(state: &RegState<'_>, size: Size) -> bool {
    let most = match size {
        Size::U64 => return matches!(state, RegState::Scalar(scalar) if scalar.constant().is_some()),
        Size::U32 => u64::from(u32::MAX),
        Size::U16 => u64::from(u16::MAX),
        Size::U8 => u64::from(u8::MAX),
    };
    matches!(state, RegState::Scalar(_))
        && numbers::range(state).is_some_and(|(min, max)| min > 0 || max < i128::from(most))
}

/// What arithmetic with a constant does, in words.
fn arithmetic(insn: &Insn, this: &str) -> Option<String> {
    let Insn::Alu { op, src: Source::Imm(imm), .. } = *insn else { return None };
    Some(match op {
        AluOp::Add => format!("{imm} is added to {this}"),
        AluOp::Sub => format!("{imm} is subtracted from {this}"),
        AluOp::Mul => format!("{this} is multiplied by {imm}"),
        AluOp::Lsh => format!("{this} is multiplied by {}", 1_u64.checked_shl(imm.cast_unsigned())?),
        AluOp::And => format!("{this} is masked with {imm}"),
        AluOp::Div | AluOp::Sdiv => format!("{this} is divided by {imm}"),
        AluOp::Mod | AluOp::Smod => format!("{this} becomes the remainder of a division by {imm}"),
        AluOp::Rsh | AluOp::Arsh => format!("{this} is shifted right by {imm}"),
        _ => return None,
    })
}

fn compared(fault: &Fault<'_>, event: &Event, insn: Option<Insn>, reg: Option<Reg>) -> String {
    let path = &fault.path;
    let frame = path.steps()[event.step].frame;
    let Some(reg) = reg else { return "it is compared".to_owned() };
    let before = path.before(event.step, frame, reg);
    let after = path.after(event.step, frame, reg);
    let way = match (path.knows_way(event.step), path.is_taken(event.step)) {
        (false, _) => "it is compared",
        (true, true) => "the jump is taken",
        (true, false) => "the jump isn't taken",
    };
    let may_be_null = matches!(before, Some(RegState::Pointer(pointer)) if pointer.may_be_null());
    // What a kernel function or a helper gives of the kernel's structs is mostly compared because it may be NULL.
    let may_have_been = before.is_none()
        && matches!(after, Some(RegState::Pointer(pointer)) if pointer.kind == PointerKind::Btf);
    if insn.as_ref().is_some_and(is_null_check) && (may_be_null || may_have_been) {
        match after {
            Some(RegState::Pointer(pointer)) if !pointer.may_be_null() => {
                return format!("{way}: {reg} isn't NULL here");
            }
            // The state of the other way, or none: the way says it, if the register is a pointer at all.
            _ if may_be_null && path.knows_way(event.step) => {
                let is_equal =
                    matches!(insn, Some(Insn::JumpIf { cond: Cond::Eq, .. })) == path.is_taken(event.step);
                return format!("{way}: {reg} {} NULL here", if is_equal { "is" } else { "isn't" });
            }
            _ => {}
        }
    }
    let other = match insn {
        Some(Insn::JumpIf { dst, src: Source::Reg(src), .. }) => Some(if dst == reg { src } else { dst }),
        _ => None,
    };
    let bound = other
        .and_then(|other| path.before(event.step, frame, other).map(|state| (other, state)))
        .filter(|(_, state)| matches!(state, RegState::Scalar(_)))
        .map_or_else(String::new, |(other, state)| format!(", compared with {other}, {}", describe(&state)));
    match (before.map(|state| describe(&state)), after.map(|state| describe(&state))) {
        (Some(before), Some(after)) if before == after => {
            format!("{way}{bound}: the verifier learns nothing of {reg}, {after}")
        }
        (_, Some(after)) => format!("{way}{bound}: {reg} is {after}"),
        _ => format!("{way}{bound}"),
    }
}
