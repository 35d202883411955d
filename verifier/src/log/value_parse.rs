//! From the text of a register or a slot to its content.

use std::num::NonZeroU32;

use super::dialect::{Dialect, Names, NumberStyle};
use super::state::{Liveness, MapText, PointerKind, PointerState, RegState, ScalarState, SlotBytes};
use crate::scalar::{Scalar, Span, Tnum};

/// The text before and after the first byte of a value. The texts here are short: a loop finds it before a search that is
/// made for long ones has started.
pub(super) fn cut(text: &str, byte: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|other| other == byte)?;
    Some((&text[..at], &text[at + 1..]))
}

/// A name's number and marks: `1`, `1_w`, `-8_rw`.
pub(super) fn name(text: &str) -> Option<(&str, Liveness)> {
    let Some((number, marks)) = cut(text, b'_') else { return Some((text, Liveness::NONE)) };
    let liveness =
        Liveness { read: marks.contains('r'), written: marks.contains('w'), done: marks.contains('D') };
    matches!(marks, "r" | "w" | "rw" | "D" | "rD" | "wD" | "rwD").then_some((number, liveness))
}

pub(super) fn reg<'a>(text: &'a str, dialect: &Dialect) -> RegState<'a> {
    known_reg(text, dialect).unwrap_or(RegState::Unknown(text))
}

/// A slot's letters, and the register that is spilled there.
pub(super) fn slot<'a>(text: &'a str, dialect: &Dialect) -> (SlotBytes, Option<RegState<'a>>) {
    let is_letter = |byte: &u8| b"?rm0difp".contains(byte);
    let letters = text.bytes().take(8).take_while(is_letter).count();
    let mut bytes = SlotBytes::NONE;
    // Linux 6.1 writes nothing for a number that is spilled in the lower bytes only.
    if text.is_empty() {
        return (bytes, None);
    }
    if letters == 8 && text.len() == 8 {
        text.chars().for_each(|letter| bytes.push(letter));
        return (bytes, None);
    }
    let whole = known_reg(text, dialect);
    let is_named = |value| !matches!(value, RegState::Pointer(PointerState { kind: PointerKind::Other, .. }));
    if let Some(value) = whole.filter(|&value| dialect.brief_spills || is_named(value)) {
        return (bytes, Some(value));
    }
    // A number that is spilled in the lower bytes only, such as `mmmmscalar()`, or else a word that isn't known.
    for (at, letter) in text.chars().take(letters.min(7)).enumerate() {
        bytes.push(letter);
        if let Some(value @ RegState::Scalar(_)) = known_reg(&text[at + 1..], dialect) {
            return (bytes, Some(value));
        }
    }
    (SlotBytes::NONE, Some(whole.unwrap_or(RegState::Unknown(text))))
}

fn known_reg<'a>(text: &'a str, dialect: &Dialect) -> Option<RegState<'a>> {
    let constant = |text| Some(ScalarState { num: Scalar::known(number(text)?), ..ScalarState::UNKNOWN });
    let scalar = |text: &str| {
        if text.is_empty() {
            return Some(ScalarState::UNKNOWN);
        }
        let attributes = text.strip_prefix('(')?.strip_suffix(')')?;
        let read = Attributes::read(attributes, dialect)?;
        read.more.is_empty().then_some(ScalarState {
            id: read.id,
            delta: read.delta,
            num: read.bounds.scalar(dialect),
            ..ScalarState::UNKNOWN
        })
    };
    let precise = |scalar| RegState::Scalar(ScalarState { precise: true, ..scalar });
    match text.as_bytes() {
        [b'0'..=b'9' | b'-', ..] => constant(text).map(RegState::Scalar),
        [b'P', b's', ..] => scalar(text[1..].strip_prefix("scalar")?).map(precise),
        [b'P', ..] => constant(&text[1..]).map(precise),
        [b's', b'c', b'a', b'l', b'a', b'r', ..] => scalar(&text[6..]).map(RegState::Scalar),
        [b'i', b'n', b'v', rest @ ..] => {
            let number = |text| constant(text).or_else(|| scalar(text));
            if rest.first() == Some(&b'P') {
                number(&text[4..]).map(precise)
            } else {
                number(&text[3..]).map(RegState::Scalar)
            }
        }
        [b'f', b'p', ..] => stack_pointer(&text[2..], dialect).map(RegState::Pointer),
        _ => pointer(text, dialect).map(RegState::Pointer),
    }
}

fn stack_pointer<'a>(text: &'a str, dialect: &Dialect) -> Option<PointerState<'a>> {
    let mut pointer = PointerState::new(PointerKind::Stack, "fp");
    let mut text = text;
    if let Some(rest) = text.strip_prefix('[') {
        let (frame, rest) = rest.split_once(']')?;
        pointer.frame = Some(frame.parse().ok()?);
        text = rest;
    }
    if let Some(attributes) = text.strip_prefix('(') {
        return Attributes::read(attributes.strip_suffix(')')?, dialect)?.pointer(pointer, dialect);
    }
    if !text.is_empty() {
        pointer.off = number(text)? as i64;
    } else if !dialect.brief_spills {
        return None;
    }
    Some(pointer)
}

fn pointer<'a>(text: &'a str, dialect: &Dialect) -> Option<PointerState<'a>> {
    let (word, attributes) = match cut(text, b'(') {
        Some((word, rest)) => (word, Some(rest.strip_suffix(')')?)),
        None => (text, None),
    };
    let pointer = pointer_word(word)?;
    match attributes {
        Some(attributes) => Attributes::read(attributes, dialect)?.pointer(pointer, dialect),
        None if dialect.brief_spills => Some(pointer),
        None => None,
    }
}

fn pointer_word(word: &str) -> Option<PointerState<'_>> {
    const PREFIXES: &[&str] =
        &["rdonly_", "untrusted_", "trusted_", "ringbuf_", "alloc_", "user_", "percpu_", "rcu_"];
    if !word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') || word.is_empty() {
        return None;
    }
    let (whole, or_null) = word.strip_suffix("_or_null").map_or((word, false), |word| (word, true));
    let mut rest = whole;
    while let Some(shorter) = PREFIXES.iter().find_map(|prefix| rest.strip_prefix(prefix)) {
        rest = shorter;
    }
    let kind = match rest {
        "ctx" => PointerKind::Ctx,
        "map_ptr" => PointerKind::MapPtr,
        "map_value" => PointerKind::MapValue,
        "map_key" => PointerKind::MapKey,
        "pkt" => PointerKind::Packet,
        "pkt_meta" => PointerKind::PacketMeta,
        "pkt_end" => PointerKind::PacketEnd,
        "flow_keys" => PointerKind::FlowKeys,
        "sock" => PointerKind::Sock,
        "sock_common" => PointerKind::SockCommon,
        "tcp_sock" => PointerKind::TcpSock,
        "xdp_sock" => PointerKind::XdpSock,
        "tp_buffer" => PointerKind::TpBuffer,
        "mem" => PointerKind::Mem,
        "buf" => PointerKind::Buf,
        "func" => PointerKind::Func,
        "arena" => PointerKind::Arena,
        _ if rest.starts_with("ptr_") => PointerKind::Btf,
        _ if rest.starts_with("dynptr_") => PointerKind::Dynptr,
        _ if rest.starts_with("iter_") => PointerKind::Iter,
        _ => PointerKind::Other,
    };
    let prefix = &whole[..whole.len() - rest.len()];
    Some(PointerState { prefix, or_null, ..PointerState::new(kind, rest) })
}

/// A number as logs write it: decimal, with or without sign, or hexadecimal with prefix; no needless zeros.
fn number(text: &str) -> Option<u64> {
    if let Some(hex) = text.strip_prefix("0x") {
        return hexadecimal(hex);
    }
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let bytes = digits.as_bytes();
    if bytes.is_empty() || bytes.len() > 1 && bytes[0] == b'0' || negative && bytes == b"0" {
        return None;
    }
    let mut value = 0_u64;
    for byte in bytes {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(u64::from(digit))?;
    }
    if negative && value > 1 << 63 {
        return None;
    }
    Some(if negative { value.wrapping_neg() } else { value })
}

fn hexadecimal(digits: &str) -> Option<u64> {
    let valid = !digits.is_empty() && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    // Sixteen digits fill 64 bits.
    (valid && digits.len() <= 16).then(|| {
        digits.bytes().fold(0, |value, byte| {
            value << 4 | u64::from(if byte > b'9' { byte - b'a' + 10 } else { byte - b'0' })
        })
    })
}

fn tnum(text: &str) -> Option<Tnum> {
    let (value, mask) = text.strip_prefix('(')?.strip_suffix(')')?.split_once("; ")?;
    Some(Tnum {
        value: hexadecimal(value.strip_prefix("0x")?)?,
        mask: hexadecimal(mask.strip_prefix("0x")?)?,
    })
}

/// An id, or 0 for none.
fn id(text: &str) -> Option<Option<NonZeroU32>> {
    text.parse().ok().map(NonZeroU32::new)
}

/// What stands in the parentheses after a type.
#[derive(Default)]
struct Attributes<'a> {
    id: Option<NonZeroU32>,
    delta: Option<i32>,
    ref_obj_id: Option<NonZeroU32>,
    map: Option<MapText<'a>>,
    off: i64,
    range: Option<i64>,
    size: Option<u64>,
    imm: Option<u64>,
    bounds: Bounds,
    /// From the first that isn't known to the end.
    more: &'a str,
}

impl<'a> Attributes<'a> {
    fn read(text: &'a str, dialect: &Dialect) -> Option<Self> {
        let mut read = Self::default();
        let mut rest = text;
        while !rest.is_empty() {
            let (attribute, after) = cut(rest, b',').unwrap_or((rest, ""));
            if read.attribute(attribute, dialect).is_none() {
                read.more = rest;
                break;
            }
            rest = after;
        }
        Some(read)
    }

    fn attribute(&mut self, text: &'a str, dialect: &Dialect) -> Option<()> {
        let (name, value) = cut(text, b'=')?;
        match name {
            "id" => match value.find(['+', '-']) {
                Some(at) => {
                    self.id = id(&value[..at])?;
                    self.delta = Some(value[at..].parse().ok()?);
                }
                None => self.id = id(value)?,
            },
            "ref_obj_id" => self.ref_obj_id = id(value)?,
            "map" => self.map_mut().name = Some(value),
            "ks" => self.map_mut().key_size = value.parse().ok()?,
            "vs" => self.map_mut().value_size = value.parse().ok()?,
            "off" => self.off = number(value)? as i64,
            "r" => self.range = Some(number(value)? as i64),
            "sz" => self.size = Some(number(value)?),
            "imm" => {
                self.imm = Some(match dialect.numbers {
                    NumberStyle::Decimal => hexadecimal(value)?,
                    NumberStyle::Mixed => number(value)?,
                });
            }
            "var_off" => self.bounds.bits = Some(tnum(value)?),
            _ => self.bounds.set(text)?,
        }
        Some(())
    }

    fn map_mut(&mut self) -> &mut MapText<'a> {
        self.map.get_or_insert(MapText { name: None, key_size: 0, value_size: 0 })
    }

    fn pointer(self, pointer: PointerState<'a>, dialect: &Dialect) -> Option<PointerState<'a>> {
        let num = match self.imm {
            Some(imm) => Scalar::known(imm),
            // Before 6.8 a known offset is always written, even if it's 0; the stack's never stands in parentheses.
            None if self.bounds.is_empty() && !dialect.zero_offset && pointer.kind != PointerKind::Stack => {
                Scalar::known(0)
            }
            None => self.bounds.scalar(dialect),
        };
        Some(PointerState {
            id: self.id,
            ref_obj_id: self.ref_obj_id,
            map: self.map,
            off: self.off,
            range: self.range,
            size: self.size,
            num,
            more: self.more,
            ..pointer
        })
    }
}

/// The bounds that the text has.
#[derive(Default)]
struct Bounds {
    smin: Option<i64>,
    smax: Option<i64>,
    umin: Option<u64>,
    umax: Option<u64>,
    smin32: Option<i32>,
    smax32: Option<i32>,
    umin32: Option<u32>,
    umax32: Option<u32>,
    bits: Option<Tnum>,
}

impl Bounds {
    /// Takes `umax=255`, or `smin=umin=3`.
    fn set(&mut self, text: &str) -> Option<()> {
        let (mut name, mut rest) = cut(text, b'=')?;
        let value = number(&text[text.bytes().rposition(|byte| byte == b'=')? + 1..])?;
        loop {
            match name {
                "smin" | "smin_value" => self.smin = Some(value as i64),
                "smax" | "smax_value" => self.smax = Some(value as i64),
                "umin" | "umin_value" => self.umin = Some(value),
                "umax" | "umax_value" => self.umax = Some(value),
                "smin32" | "s32_min" | "s32_min_value" => self.smin32 = Some(value as i32),
                "smax32" | "s32_max" | "s32_max_value" => self.smax32 = Some(value as i32),
                "umin32" | "u32_min" | "u32_min_value" => self.umin32 = Some(value as u32),
                "umax32" | "u32_max" | "u32_max_value" => self.umax32 = Some(value as u32),
                _ => return None,
            }
            let Some(next) = cut(rest, b'=') else { return Some(()) };
            (name, rest) = next;
        }
    }

    fn is_empty(&self) -> bool {
        let Self { smin, smax, umin, umax, smin32, smax32, umin32, umax32, bits } = self;
        smin.or(*smax).is_none()
            && umin.or(*umax).is_none()
            && smin32.or(*smax32).is_none()
            && umin32.or(*umax32).is_none()
            && bits.is_none()
    }

    /// All bounds, with those filled in that the text leaves out.
    fn scalar(&self, dialect: &Dialect) -> Scalar {
        let bits = self.bits.unwrap_or(Tnum::UNKNOWN);
        let u64 = Span::new(self.umin.unwrap_or(0), self.umax.unwrap_or(u64::MAX));
        let (mut s64, mut s32, mut u32) = (Span::<i64>::FULL, Span::<i32>::FULL, Span::<u32>::FULL);
        if dialect.bounds != Names::Folded {
            // A bound is left out if it says nothing, or if its wider or unsigned twin says the same. Where the twin's
            // range fits, the same is true in both cases.
            s64 = u64.read_as().unwrap_or(s64);
            let wide = Span::new(self.smin.unwrap_or(s64.min), self.smax.unwrap_or(s64.max));
            if let (Ok(min), Ok(max)) = (i32::try_from(wide.min), i32::try_from(wide.max)) {
                s32 = Span::new(min, max);
            }
            if let (Ok(min), Ok(max)) = (u32::try_from(u64.min), u32::try_from(u64.max)) {
                u32 = Span::new(min, max);
            }
        }
        Scalar {
            bits,
            s64: Span::new(self.smin.unwrap_or(s64.min), self.smax.unwrap_or(s64.max)),
            u64,
            s32: Span::new(self.smin32.unwrap_or(s32.min), self.smax32.unwrap_or(s32.max)),
            u32: Span::new(self.umin32.unwrap_or(u32.min), self.umax32.unwrap_or(u32.max)),
        }
    }
}
