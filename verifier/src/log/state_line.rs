//! State lines: registers, stack slots and references as the log prints them.

use std::fmt::Write as _;

use super::number::{push_decimal, push_hex, push_signed, push_unsigned};
use crate::program::MapInfo;
use crate::scalar::Scalar;
use crate::state::{Byte, Kind, Link, Reg, State, slot_offset};

/// Which registers and slots are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parts {
    /// All.
    All,
    /// Those of the masks, by register and by slot.
    Changed {
        /// A bit a register.
        regs: u16,
        /// A bit a stack slot.
        slots: u64,
    },
}

/// Appends the state of a frame, with a space before each part and a newline at the end.
pub(crate) fn push_state(out: &mut String, state: &State, frame: usize, parts: Parts, maps: &[MapInfo]) {
    let (regs, slots) = match parts {
        Parts::All => (u16::MAX, u64::MAX),
        Parts::Changed { regs, slots } => (regs, slots),
    };
    let shown = &state.frames[frame];
    if frame > 0 {
        let _ = write!(out, " frame{frame}:");
    }
    for (number, reg) in shown.regs.iter().enumerate() {
        if reg.kind == Kind::NotInit || regs & 1 << number == 0 {
            continue;
        }
        out.push_str(" R");
        push_decimal(out, number as i64);
        out.push('=');
        push_reg(out, reg, frame, maps);
    }
    for (number, slot) in shown.stack.iter().enumerate() {
        if slots & 1 << number == 0 || !slot.is_used() {
            continue;
        }
        let _ = write!(out, " fp{}=", slot_offset(number));
        for byte in slot.bytes {
            if slot.is_spill() && byte == Byte::Spill {
                break;
            }
            out.push(byte.letter());
        }
        if slot.is_spill() {
            push_reg(out, &slot.spilled, frame, maps);
        }
    }
    if let Some((first, rest)) = state.references.split_first() {
        let _ = write!(out, " refs={}", first.id);
        for reference in rest {
            let _ = write!(out, ",{}", reference.id);
        }
    }
    if shown.in_callback {
        out.push_str(" cb");
    }
    out.push('\n');
}

/// Appends a register's content as seen from a frame.
pub(crate) fn push_reg(out: &mut String, reg: &Reg, frame: usize, maps: &[MapInfo]) {
    if reg.is_scalar() && reg.precise {
        out.push('P');
    }
    if let Some(value) = reg.constant() {
        push_signed(out, value as i64);
        return;
    }
    reg.push_type_name(out);
    if reg.kind == Kind::Stack {
        if usize::from(reg.frame) != frame {
            let _ = write!(out, "[{}]", reg.frame);
        }
        if let Some(value) = reg.num.as_const() {
            push_signed(out, (value as i64).wrapping_add(i64::from(reg.off)));
            return;
        }
    }
    out.push('(');
    let start = out.len();
    let name = |out: &mut String, name: &str| {
        if out.len() != start {
            out.push(',');
        }
        out.push_str(name);
        out.push('=');
    };
    if reg.id != 0 {
        name(out, "id");
        push_decimal(out, i64::from(reg.id));
        if reg.link != Link::Same {
            let _ = write!(out, "{:+}", reg.off);
        }
    }
    if reg.ref_id != 0 {
        name(out, "ref_obj_id");
        push_decimal(out, i64::from(reg.ref_id));
    }
    if let Some(map) = reg.kind.map().and_then(|map| maps.get(usize::from(map))) {
        if !map.name.is_empty() {
            name(out, "map");
            out.push_str(&map.name);
        }
        name(out, "ks");
        push_decimal(out, i64::from(map.key_size));
        name(out, "vs");
        push_decimal(out, i64::from(map.value_size));
    }
    if !reg.is_scalar() && reg.off != 0 {
        name(out, "off");
        push_signed(out, i64::from(reg.off));
    }
    if reg.kind.is_packet() || reg.kind == Kind::PacketEnd && reg.extent != 0 {
        name(out, "r");
        push_unsigned(out, i64::from(reg.extent) as u64);
    }
    if reg.kind == Kind::Mem {
        name(out, "sz");
        push_unsigned(out, u64::from(reg.extent as u32));
    }
    if let Some(value) = reg.num.as_const() {
        if value != 0 {
            name(out, "imm");
            push_signed(out, value as i64);
        }
    } else {
        let separate = out.len() != start;
        push_ranges(out, &reg.num, separate);
        if !reg.num.bits.is_unknown() {
            name(out, "var_off");
            out.push('(');
            push_hex_prefixed(out, reg.num.bits.value);
            out.push_str("; ");
            push_hex_prefixed(out, reg.num.bits.mask);
            out.push(')');
        }
    }
    out.push(')');
}

/// Appends a hexadecimal number with its prefix even for zero.
pub(crate) fn push_hex_prefixed(out: &mut String, value: u64) {
    if value == 0 {
        out.push_str("0x0");
    } else {
        push_hex(out, value);
    }
}

/// The bounds in the order that the log has them.
const BOUNDS: [(&str, bool); 8] = [
    ("smin", true),
    ("smax", true),
    ("umin", false),
    ("umax", false),
    ("smin32", true),
    ("smax32", true),
    ("umin32", false),
    ("umax32", false),
];

/// A 32-bit bound as it is shown and compared: large ones by their 32 bits.
fn signed_32(value: i32) -> u64 {
    if i16::try_from(value).is_ok() { i64::from(value) as u64 } else { u64::from(value as u32) }
}

/// Appends the bounds that say something; lower bounds of one value are folded into one `smin=umin=3`, upper ones likewise.
fn push_ranges(out: &mut String, num: &Scalar, mut separate: bool) {
    let values = [
        num.s64.min as u64,
        num.s64.max as u64,
        num.u64.min,
        num.u64.max,
        signed_32(num.s32.min),
        signed_32(num.s32.max),
        u64::from(num.u32.min),
        u64::from(num.u32.max),
    ];
    let mut shown = [
        num.s64.min != i64::MIN,
        num.s64.max != i64::MAX,
        num.u64.min != 0,
        num.u64.max != u64::MAX,
        num.s32.min != i32::MIN,
        num.s32.max != i32::MAX,
        num.u32.min != 0,
        num.u32.max != u32::MAX,
    ];
    for first in 0..BOUNDS.len() {
        if !shown[first] {
            continue;
        }
        let (name, signed) = BOUNDS[first];
        let negative = signed && (values[first] as i64) < 0;
        if separate {
            out.push(',');
        }
        separate = true;
        out.push_str(name);
        out.push('=');
        for other in (first + 2..BOUNDS.len()).step_by(2) {
            let (name, signed) = BOUNDS[other];
            if !shown[other]
                || values[other] != values[first]
                || (signed && (values[other] as i64) < 0) != negative
            {
                continue;
            }
            shown[other] = false;
            out.push_str(name);
            out.push('=');
        }
        if signed {
            push_signed(out, values[first] as i64);
        } else {
            push_unsigned(out, values[first]);
        }
    }
}
