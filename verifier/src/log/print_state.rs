//! From states and their parts to text, in any dialect.

use std::fmt::{self, Display, Formatter, Write as _};
use std::num::NonZeroU32;

use super::dialect::{Dialect, Names, NumberStyle};
use super::number::{push_decimal, push_hex, push_signed, push_unsigned};
use super::state::{Liveness, PointerKind, PointerState, RegState, ScalarState, Slot, State};
use crate::scalar::{Scalar, Tnum};

impl State<'_> {
    /// The state as a dialect writes it, with a space before each part.
    pub fn display<'d>(&'d self, dialect: &'d Dialect) -> impl Display + 'd {
        Written { value: self, dialect, push: |out, state, dialect| state.push(out, dialect) }
    }

    /// Appends the state as a dialect writes it, with a space before each part.
    pub fn push(&self, out: &mut String, dialect: &Dialect) {
        if self.frame > 0 {
            push_frame(out, self.frame);
        }
        for (number, liveness, value) in &self.regs {
            push_reg_name(out, *number, *liveness, dialect);
            value.push(out, dialect);
        }
        for slot in &self.slots {
            slot.push(out, dialect);
        }
        push_refs(out, self.refs.iter().copied());
        if self.callback {
            out.push_str(" cb");
        }
        if self.async_callback {
            out.push_str(" async_cb");
        }
        for text in &self.unknown {
            out.push(' ');
            out.push_str(text);
        }
    }
}

impl RegState<'_> {
    /// The content as a dialect writes it.
    pub fn display<'d>(&'d self, dialect: &'d Dialect) -> impl Display + 'd {
        Written { value: self, dialect, push: |out, value, dialect| value.push(out, dialect) }
    }

    /// Appends the content as a dialect writes it.
    pub fn push(&self, out: &mut String, dialect: &Dialect) {
        match self {
            Self::Scalar(scalar) => scalar.push(out, dialect),
            Self::Pointer(pointer) => pointer.push(out, dialect),
            Self::Unknown(text) => out.push_str(text),
        }
    }

    /// Appends the type alone, or the constant, as kernels before 6.8 write what is spilled.
    fn push_brief(&self, out: &mut String, dialect: &Dialect) {
        match self {
            Self::Scalar(scalar) if scalar.constant().is_none() => scalar.push_word(out, dialect),
            Self::Scalar(scalar) => scalar.push(out, dialect),
            Self::Pointer(pointer) => pointer.push_word(out),
            Self::Unknown(text) => out.push_str(text),
        }
    }
}

impl Slot<'_> {
    /// Appends the slot as a dialect writes it, with a space before it.
    pub fn push(&self, out: &mut String, dialect: &Dialect) {
        push_slot_name(out, self.offset, self.liveness, dialect);
        out.push_str(self.bytes.as_str());
        if let Some(value) = &self.spilled {
            if self.brief || dialect.brief_spills {
                value.push_brief(out, dialect);
            } else {
                value.push(out, dialect);
            }
        }
    }
}

/// Appends ` frame1:`.
pub(super) fn push_frame(out: &mut String, frame: u32) {
    out.push_str(" frame");
    push_decimal(out, i64::from(frame));
    out.push(':');
}

/// Appends ` R1=` with the marks between.
pub(super) fn push_reg_name(out: &mut String, number: u8, liveness: Liveness, dialect: &Dialect) {
    out.push_str(" R");
    push_decimal(out, i64::from(number));
    push_liveness(out, liveness, dialect);
    out.push('=');
}

/// Appends ` fp-8=` with the marks between.
pub(super) fn push_slot_name(out: &mut String, offset: i32, liveness: Liveness, dialect: &Dialect) {
    out.push_str(" fp");
    push_decimal(out, i64::from(offset));
    push_liveness(out, liveness, dialect);
    out.push('=');
}

/// Appends ` refs=2,3`.
pub(super) fn push_refs(out: &mut String, ids: impl Iterator<Item = u32>) {
    let mut before = " refs=";
    for id in ids {
        out.push_str(before);
        push_decimal(out, i64::from(id));
        before = ",";
    }
}

fn push_liveness(out: &mut String, liveness: Liveness, dialect: &Dialect) {
    if !dialect.liveness || liveness.is_none() {
        return;
    }
    out.push('_');
    for (set, letter) in [(liveness.read, 'r'), (liveness.written, 'w'), (liveness.done, 'D')] {
        if set {
            out.push(letter);
        }
    }
}

/// The attributes in parentheses: commas between, none before the first.
struct Attributes<'o> {
    out: &'o mut String,
    start: usize,
    decimal: bool,
}

impl<'o> Attributes<'o> {
    fn new(out: &'o mut String, dialect: &Dialect) -> Self {
        out.push('(');
        Self { start: out.len(), out, decimal: dialect.numbers == NumberStyle::Decimal }
    }

    fn name(&mut self, name: &str) {
        if self.out.len() != self.start {
            self.out.push(',');
        }
        self.out.push_str(name);
        self.out.push('=');
    }

    fn id(&mut self, id: Option<NonZeroU32>) {
        self.number("id", id.map_or(0, NonZeroU32::get));
    }

    fn number(&mut self, name: &str, number: u32) {
        self.name(name);
        push_decimal(self.out, i64::from(number));
    }

    fn signed(&mut self, name: &str, value: i64) {
        self.name(name);
        if self.decimal { push_decimal(self.out, value) } else { push_signed(self.out, value) }
    }

    fn unsigned(&mut self, name: &str, value: u64) {
        self.name(name);
        if self.decimal {
            let _ = write!(self.out, "{value}");
        } else {
            push_unsigned(self.out, value);
        }
    }

    fn var_off(&mut self, bits: Tnum) {
        if bits.is_unknown() {
            return;
        }
        self.name("var_off");
        self.out.push('(');
        push_hex_prefixed(self.out, bits.value);
        self.out.push_str("; ");
        push_hex_prefixed(self.out, bits.mask);
        self.out.push(')');
    }

    fn bounds(&mut self, num: &Scalar, dialect: &Dialect) {
        match dialect.bounds {
            Names::Folded => {
                push_folded(self, num);
                self.var_off(num.bits);
            }
            Names::Value => self.twins(
                num,
                ["smin_value", "smax_value", "umin_value", "umax_value"],
                ["s32_min_value", "s32_max_value", "u32_min_value", "u32_max_value"],
            ),
            Names::Short => self.twins(
                num,
                ["smin", "smax", "umin", "umax"],
                ["s32_min", "s32_max", "u32_min", "u32_max"],
            ),
        }
    }

    /// The bounds that say something and that their twins don't say: signed ones by unsigned ones, halves by the whole.
    /// Unsigned halves are written as signed numbers.
    fn twins(&mut self, num: &Scalar, wide: [&str; 4], half: [&str; 4]) {
        let Scalar { bits, s64, u64, s32, u32 } = *num;
        if s64.min != i64::MIN && s64.min as u64 != u64.min {
            self.signed(wide[0], s64.min);
        }
        if s64.max != i64::MAX && s64.max as u64 != u64.max {
            self.signed(wide[1], s64.max);
        }
        if u64.min != 0 {
            self.unsigned(wide[2], u64.min);
        }
        if u64.max != u64::MAX {
            self.unsigned(wide[3], u64.max);
        }
        self.var_off(bits);
        if s32.min != i32::MIN && i64::from(s32.min) != s64.min {
            self.signed(half[0], i64::from(s32.min));
        }
        if s32.max != i32::MAX && i64::from(s32.max) != s64.max {
            self.signed(half[1], i64::from(s32.max));
        }
        if u32.min != 0 && u64::from(u32.min) != u64.min {
            self.signed(half[2], i64::from(u32.min as i32));
        }
        if u32.max != u32::MAX && u64::from(u32.max) != u64.max {
            self.signed(half[3], i64::from(u32.max as i32));
        }
    }
}

impl ScalarState {
    fn push_word(&self, out: &mut String, dialect: &Dialect) {
        // `invP` has the mark after the word, `Pscalar` before it.
        if self.precise && !dialect.word_before_constant {
            out.push('P');
        }
        out.push_str(dialect.scalar);
        if self.precise && dialect.word_before_constant {
            out.push('P');
        }
    }

    fn push(&self, out: &mut String, dialect: &Dialect) {
        if let Some(value) = self.constant() {
            if dialect.word_before_constant {
                self.push_word(out, dialect);
            } else if self.precise {
                out.push('P');
            }
            return push_constant(out, value as i64, dialect);
        }
        self.push_word(out, dialect);
        let mut attributes = Attributes::new(out, dialect);
        if self.id.is_some() || dialect.zero_id {
            attributes.id(self.id);
            if let Some(delta) = self.delta {
                let _ = write!(attributes.out, "{delta:+}");
            }
        }
        attributes.bounds(&self.num, dialect);
        out.push(')');
    }
}

fn push_constant(out: &mut String, value: i64, dialect: &Dialect) {
    match dialect.numbers {
        NumberStyle::Decimal => push_decimal(out, value),
        NumberStyle::Mixed => push_signed(out, value),
    }
}

impl PointerState<'_> {
    fn push_word(&self, out: &mut String) {
        out.push_str(self.prefix);
        out.push_str(self.word);
        if self.or_null {
            out.push_str("_or_null");
        }
    }

    fn push(&self, out: &mut String, dialect: &Dialect) {
        self.push_word(out);
        if self.kind == PointerKind::Stack {
            if let Some(frame) = self.frame.filter(|_| dialect.stack_frames) {
                let _ = write!(out, "[{frame}]");
            }
            if let Some(offset) = self.constant_offset() {
                return push_constant(out, offset, dialect);
            }
        }
        let mut attributes = Attributes::new(out, dialect);
        if self.id.is_some() || dialect.zero_id {
            attributes.id(self.id);
        }
        if let Some(id) = self.ref_obj_id {
            attributes.number("ref_obj_id", id.get());
        }
        if dialect.zero_offset {
            self.push_offset(&mut attributes);
        }
        if let Some(map) = self.map {
            if let Some(name) = map.name.filter(|_| dialect.map_names) {
                attributes.name("map");
                attributes.out.push_str(name);
            }
            attributes.number("ks", map.key_size);
            attributes.number("vs", map.value_size);
        }
        if !dialect.zero_offset {
            if self.off != 0 {
                attributes.signed("off", self.off);
            }
            if let Some(range) = self.range {
                attributes.unsigned("r", range as u64);
            }
        }
        if let Some(size) = self.size.filter(|_| dialect.sizes) {
            attributes.unsigned("sz", size);
        }
        match self.num.as_const() {
            Some(value) if dialect.numbers == NumberStyle::Decimal => {
                attributes.name("imm");
                let _ = write!(attributes.out, "{value:x}");
            }
            Some(0) => {}
            Some(value) => attributes.signed("imm", value as i64),
            None => attributes.bounds(&self.num, dialect),
        }
        if !self.more.is_empty() {
            if attributes.out.len() != attributes.start {
                attributes.out.push(',');
            }
            attributes.out.push_str(self.more);
        }
        out.push(')');
    }

    /// Offset and packet range, as kernels before 6.8 have them.
    fn push_offset(&self, attributes: &mut Attributes<'_>) {
        attributes.signed("off", self.off);
        if let Some(range) = self.range {
            attributes.signed("r", range);
        }
    }
}

/// Appends a hexadecimal number with its prefix even for zero.
pub(crate) fn push_hex_prefixed(out: &mut String, value: u64) {
    if value == 0 {
        out.push_str("0x0");
    } else {
        push_hex(out, value);
    }
}

/// A bound of a number, by its name in the log.
struct Bound {
    name: &'static str,
    is_signed: bool,
}

impl Bound {
    const fn signed(name: &'static str) -> Self {
        Self { name, is_signed: true }
    }

    const fn unsigned(name: &'static str) -> Self {
        Self { name, is_signed: false }
    }

    /// Whether a value of it is below zero.
    const fn is_negative(&self, value: u64) -> bool {
        self.is_signed && (value as i64) < 0
    }
}

/// The bounds in the order that the log has them.
const BOUNDS: [Bound; 8] = [
    Bound::signed("smin"),
    Bound::signed("smax"),
    Bound::unsigned("umin"),
    Bound::unsigned("umax"),
    Bound::signed("smin32"),
    Bound::signed("smax32"),
    Bound::unsigned("umin32"),
    Bound::unsigned("umax32"),
];

/// A 32-bit bound as it is shown and compared: large ones by their 32 bits.
fn signed_32(value: i32) -> u64 {
    if i16::try_from(value).is_ok() { i64::from(value) as u64 } else { u64::from(value as u32) }
}

/// Appends the bounds that say something; lower bounds of one value are folded into one `smin=umin=3`, upper ones likewise.
fn push_folded(attributes: &mut Attributes<'_>, num: &Scalar) {
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
        let bound = &BOUNDS[first];
        let is_negative = bound.is_negative(values[first]);
        attributes.name(bound.name);
        for other in (first + 2..BOUNDS.len()).step_by(2) {
            if !shown[other]
                || values[other] != values[first]
                || BOUNDS[other].is_negative(values[other]) != is_negative
            {
                continue;
            }
            shown[other] = false;
            attributes.out.push_str(BOUNDS[other].name);
            attributes.out.push('=');
        }
        if bound.is_signed {
            push_signed(attributes.out, values[first] as i64);
        } else {
            push_unsigned(attributes.out, values[first]);
        }
    }
}

/// A value and the dialect that it's written in.
struct Written<'d, T> {
    value: &'d T,
    dialect: &'d Dialect,
    push: fn(&mut String, &T, &Dialect),
}

impl<T> Display for Written<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        (self.push)(&mut text, self.value, self.dialect);
        f.write_str(&text)
    }
}
