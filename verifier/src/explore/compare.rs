//! Whether a path that reaches a remembered state again can do anything that the first one didn't.
//!
//! The rules are those of `docs/verifier-rules.md`, "Whether a state is known".

use crate::scalar::Scalar;
use crate::state::{Byte, Extent, Frame, Id, Link, Reference, Reg, RegType, StackSlot, State, WRITABLE_REGS};

/// How strictly states are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// What the remembered state didn't rely on may differ.
    Relied,
    /// All values must lie within the remembered ones.
    Within,
    /// All values must be the same.
    Exact,
}

/// How states are compared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    pub(crate) strictness: Strictness,
    /// What the stack held before may be read.
    pub(crate) perfmon: bool,
    /// Marks say what is read later.
    pub(crate) by_marks: bool,
    /// A number without an identity is as good as one with any.
    pub(crate) alone_is_free: bool,
    /// A number that differs by a constant from others corresponds to a number as those do.
    pub(crate) base_links: bool,
    /// Proofs that a pointer is at or beyond the packet's end must be the same.
    pub(crate) packet_ends: bool,
    /// Masks against speculation depend on what is known of numbers: numbers must be the same.
    pub(crate) masks_matter: bool,
}

/// Pairs of identities that correspond in the two states.
#[derive(Debug)]
pub(crate) struct Pairs {
    pairs: Vec<(Id, Id)>,
    /// The last identity that a value has got.
    last: u32,
}

/// The most pairs that are kept.
const MAX_PAIRS: usize = 600;

impl Pairs {
    pub(crate) fn new(last: u32) -> Self {
        Self { pairs: Vec::new(), last }
    }

    fn same(&mut self, old: Option<Id>, new: Option<Id>) -> bool {
        match (old, new) {
            (None, None) => true,
            (Some(old), Some(new)) => self.correspond(old, new),
            _ => false,
        }
    }

    fn correspond(&mut self, old: Id, new: Id) -> bool {
        for &(known_old, known_new) in &self.pairs {
            if known_old == old {
                return known_new == new;
            }
            if known_new == new {
                return false;
            }
        }
        if self.pairs.len() >= MAX_PAIRS {
            return false;
        }
        self.pairs.push((old, new));
        true
    }

    /// As [`Self::same`] for numbers: a missing identity is one of its own. But unless `alone_is_new`, one that was
    /// equal to no other may be equal to some now.
    fn same_number(&mut self, old: Option<Id>, new: Option<Id>, alone_is_new: bool) -> bool {
        if old.is_none() && !alone_is_new {
            return true;
        }
        let mut own = || {
            let id = Id::MIN.saturating_add(self.last);
            self.last = id.get();
            id
        };
        let old = old.unwrap_or_else(&mut own);
        let new = new.unwrap_or_else(own);
        self.correspond(old, new)
    }
}

fn within(old: &Scalar, new: &Scalar) -> bool {
    old.u64.includes(new.u64)
        && old.s64.includes(new.s64)
        && old.u32.includes(new.u32)
        && old.s32.includes(new.s32)
}

/// The identity, and how the value relates to others of it.
fn full_id(reg: &Reg) -> Option<Id> {
    reg.id.map(|id| id | (reg.link as u32) << 30)
}

/// Everything but identities, frames and precision is the same.
fn same_content(old: &Reg, new: &Reg) -> bool {
    old.kind == new.kind
        && old.nullable == new.nullable
        && old.read_only == new.read_only
        && old.ringbuf == new.ringbuf
        && old.off == new.off
        && old.extent == new.extent
        && old.num == new.num
}

pub(crate) fn exact(old: &Reg, new: &Reg, pairs: &mut Pairs) -> bool {
    same_content(old, new) && pairs.same(full_id(old), full_id(new)) && pairs.same(old.ref_id, new.ref_id)
}

fn same_type(old: &Reg, new: &Reg) -> bool {
    old.kind.same_sort(new.kind)
        && old.nullable == new.nullable
        && old.read_only == new.read_only
        && old.ringbuf == new.ringbuf
}

/// Whether what was safe with `old` is safe with `new`.
fn reg_is_safe(old: &Reg, new: &Reg, pairs: &mut Pairs, terms: Terms) -> bool {
    let strictness = terms.strictness;
    if strictness == Strictness::Exact {
        return exact(old, new, pairs);
    }
    if old.kind == RegType::NotInit {
        return strictness == Strictness::Relied || new.kind == RegType::NotInit;
    }
    if !same_type(old, new) {
        return false;
    }
    match old.kind {
        RegType::Scalar => {
            if terms.masks_matter {
                return old.num == new.num
                    && pairs.same_number(full_id(old), full_id(new), !terms.alone_is_free);
            }
            if !old.precise && strictness == Strictness::Relied {
                return true;
            }
            // A number that was equal to no other relied on none.
            let alone = terms.alone_is_free && old.id.is_none();
            if !alone && (old.link != new.link || (old.link != Link::Same && old.off != new.off)) {
                return false;
            }
            let ids = if terms.base_links { (old.id, new.id) } else { (full_id(old), full_id(new)) };
            within(&old.num, &new.num)
                && old.num.bits.includes(new.num.bits)
                && pairs.same_number(ids.0, ids.1, !terms.alone_is_free)
        }
        RegType::MapValue(_) | RegType::MapKey(_) | RegType::Mem => {
            old.kind == new.kind
                && old.off == new.off
                && old.extent == new.extent
                && within(&old.num, &new.num)
                && old.num.bits.includes(new.num.bits)
                && pairs.same(old.id, new.id)
                && pairs.same(old.ref_id, new.ref_id)
        }
        RegType::Packet | RegType::PacketMeta => {
            let ends = terms.packet_ends && (old.extent < 0 || new.extent < 0);
            (if ends { old.extent == new.extent } else { old.extent <= new.extent })
                && old.off == new.off
                && pairs.same(old.id, new.id)
                && within(&old.num, &new.num)
                && old.num.bits.includes(new.num.bits)
        }
        RegType::Stack => exact(old, new, pairs) && old.frame == new.frame,
        _ => exact(old, new, pairs),
    }
}

/// The number that a load of the whole slot gives, if it's one.
fn number_in(slot: &StackSlot, perfmon: bool) -> Option<Reg> {
    if slot.is_full_scalar_spill() {
        return Some(slot.spilled);
    }
    let misc = |byte: &Byte| *byte == Byte::Misc || (*byte == Byte::Invalid && perfmon);
    slot.bytes.iter().all(misc).then_some(Reg::UNKNOWN)
}

/// Whether a byte of a remembered stack says nothing that a later read could go by.
fn asks_nothing(byte: Byte, perfmon: bool) -> bool {
    match byte {
        Byte::Invalid => true,
        Byte::Misc => perfmon,
        Byte::Zero | Byte::Spill => false,
    }
}

/// Whether whatever `new` may be, `old` may have been.
fn byte_covers(old: Byte, new: Byte, perfmon: bool) -> bool {
    asks_nothing(old, perfmon) || old == new || (old == Byte::Misc && new == Byte::Zero)
}

fn slot_is_safe(old: &StackSlot, new: Option<&StackSlot>, pairs: &mut Pairs, terms: Terms) -> bool {
    let Terms { strictness, perfmon, .. } = terms;
    let alike = new.is_some_and(|new| new.bytes == old.bytes);
    if strictness != Strictness::Relied && !alike {
        return false;
    }
    if old.bytes.iter().all(|&byte| asks_nothing(byte, perfmon)) {
        return true;
    }
    let Some(new) = new else {
        return false;
    };
    if let (Some(old), Some(new)) = (number_in(old, perfmon), number_in(new, perfmon)) {
        return reg_is_safe(&old, &new, pairs, terms);
    }
    let bytes_cover =
        alike || old.bytes.iter().zip(&new.bytes).all(|(&old, &new)| byte_covers(old, new, perfmon));
    bytes_cover && (!old.is_spill() || reg_is_safe(&old.spilled, &new.spilled, pairs, terms))
}

fn stack_is_safe(old: &Frame, new: &Frame, pairs: &mut Pairs, terms: Terms) -> bool {
    let relied = terms.strictness == Strictness::Relied;
    let is_unread = |slot: &StackSlot| terms.by_marks && relied && slot.mark.read == Extent::Nothing;
    let mut others = new.stack.iter();
    old.stack.iter().all(|slot| {
        let other = others.next();
        is_unread(slot) || slot_is_safe(slot, other, pairs, terms)
    })
}

fn same_references(old: &[Reference], new: &[Reference], pairs: &mut Pairs) -> bool {
    old.len() == new.len() && old.iter().zip(new).all(|(old, new)| pairs.correspond(old.id, new.id))
}

/// Whether what was safe in `old` is safe in `new`. `live` gives the live registers of each frame.
pub(crate) fn is_safe(
    old: &State,
    new: &State,
    live: Option<&dyn Fn(usize) -> u16>,
    terms: Terms,
    last_id: u32,
) -> bool {
    // What speculation does says nothing of what the program may do.
    if old.speculative && !new.speculative {
        return false;
    }
    if old.frames.len() != new.frames.len() {
        return false;
    }
    let strictness = terms.strictness;
    let mut pairs = Pairs::new(last_id);
    if !same_references(&old.references, &new.references, &mut pairs) {
        return false;
    }
    for (index, (a, b)) in old.frames.iter().zip(&new.frames).enumerate() {
        if a.callsite != b.callsite || a.callback_depth > b.callback_depth {
            return false;
        }
        let held = a.held.iter().zip(&b.held).all(|(a, b)| same_references(a, b, &mut pairs));
        if !held {
            return false;
        }
        let live = live.map_or(u16::MAX, |live| live(index));
        for (number, (reg, b)) in a.regs[..WRITABLE_REGS].iter().zip(&b.regs).enumerate() {
            let unread =
                terms.by_marks && strictness == Strictness::Relied && a.marks[number].read == Extent::Nothing;
            let a = reg;
            if live & 1 << number != 0 && !unread && !reg_is_safe(a, b, &mut pairs, terms) {
                return false;
            }
        }
        if !stack_is_safe(a, b, &mut pairs, terms) {
            return false;
        }
    }
    true
}

/// Whether the innermost frames have the same registers, as they do in an endless loop.
pub(crate) fn may_loop(old: &State, new: &State) -> bool {
    old.frames.len() == new.frames.len()
        && old
            .frame()
            .regs
            .iter()
            .zip(&new.frame().regs)
            .all(|(a, b)| same_content(a, b) && full_id(a) == full_id(b) && a.ref_id == b.ref_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::Scalar;

    /// Those of whoever lacks CAP_PERFMON.
    fn terms(strictness: Strictness) -> Terms {
        Terms {
            strictness,
            perfmon: false,
            by_marks: false,
            alone_is_free: true,
            base_links: true,
            packet_ends: true,
            masks_matter: false,
        }
    }

    fn covers(old: &StackSlot, new: Option<&StackSlot>, terms: Terms) -> bool {
        slot_is_safe(old, new, &mut Pairs::new(100), terms)
    }

    /// A slot of which the first four bytes are of any kind but spilled, and the others alike.
    fn data_slots() -> impl Iterator<Item = StackSlot> + Clone {
        const KINDS: [Byte; 3] = [Byte::Invalid, Byte::Misc, Byte::Zero];
        (0..3_usize.pow(5)).map(|number| {
            let kind = |at: u32| KINDS[number / 3_usize.pow(at) % 3];
            let bytes = [kind(0), kind(1), kind(2), kind(3), kind(4), kind(4), kind(4), kind(4)];
            StackSlot { bytes, ..StackSlot::INVALID }
        })
    }

    /// The values that a load may give, judged by what a byte may hold; `None` if it can't be loaded.
    fn values(byte: Byte, perfmon: bool) -> Option<std::ops::RangeInclusive<u8>> {
        match byte {
            Byte::Zero => Some(0..=0),
            Byte::Misc => Some(0..=255),
            Byte::Invalid => perfmon.then_some(0..=255),
            Byte::Spill => unreachable!("no such slots"),
        }
    }

    #[test]
    fn data_covers_what_can_be_no_other_data() {
        for perfmon in [false, true] {
            let terms = |strictness| Terms { perfmon, ..terms(strictness) };
            for old in data_slots() {
                for new in data_slots() {
                    let byte_covers =
                        |(old, new): (&Byte, &Byte)| match (values(*old, perfmon), values(*new, perfmon)) {
                            // What couldn't be loaded wasn't.
                            (None, _) => true,
                            (Some(_), None) => false,
                            (Some(old), Some(new)) => old.start() <= new.start() && new.end() <= old.end(),
                        };
                    let expected = old.bytes.iter().zip(&new.bytes).all(byte_covers);
                    assert_eq!(
                        covers(&old, Some(&new), terms(Strictness::Relied)),
                        expected,
                        "{old:?} {new:?}"
                    );
                    let alike = old.bytes == new.bytes;
                    assert_eq!(covers(&old, Some(&new), terms(Strictness::Within)), alike);
                    assert_eq!(covers(&old, Some(&new), terms(Strictness::Exact)), alike);
                }
                let missing =
                    old.bytes.iter().all(|&byte| byte == Byte::Invalid || (byte == Byte::Misc && perfmon));
                assert_eq!(covers(&old, None, terms(Strictness::Relied)), missing, "{old:?}");
                assert!(!covers(&old, None, terms(Strictness::Within)));
            }
        }
    }

    fn spill(reg: Reg, bytes: usize) -> StackSlot {
        let mut slot = StackSlot { spilled: reg, ..StackSlot::INVALID };
        slot.bytes = [Byte::Misc; 8];
        slot.bytes[8 - bytes..].fill(Byte::Spill);
        slot
    }

    #[test]
    fn spilled_numbers_are_compared_as_numbers() {
        let data = StackSlot { bytes: [Byte::Misc; 8], ..StackSlot::INVALID };
        let free = spill(Reg::known(7), 8);
        let wanted = spill(Reg { precise: true, ..Reg::known(7) }, 8);
        let any = spill(Reg { precise: true, ..Reg::UNKNOWN }, 8);
        let part = spill(Reg::known(7), 4);
        let pointer = spill(Reg::frame_pointer(0), 8);
        let relied = |old: &StackSlot, new: &StackSlot| covers(old, Some(new), terms(Strictness::Relied));
        assert!(
            relied(&data, &free) && relied(&data, &wanted) && relied(&free, &data) && relied(&any, &data)
        );
        assert!(
            relied(&wanted, &free) && !relied(&wanted, &data) && !relied(&wanted, &spill(Reg::known(8), 8))
        );
        assert!(!relied(&data, &pointer) && !relied(&free, &pointer) && !relied(&pointer, &data));
        assert!(
            relied(&part, &part) && !relied(&part, &data) && !relied(&data, &part) && !relied(&part, &free)
        );
        // With CAP_PERFMON data asks nothing of what's there now.
        let with_perfmon = Terms { perfmon: true, ..terms(Strictness::Relied) };
        assert!(covers(&data, Some(&pointer), with_perfmon));
        assert!(covers(&any, Some(&StackSlot::INVALID), with_perfmon));
        assert!(!covers(&any, Some(&StackSlot::INVALID), terms(Strictness::Relied)));
        let wide = Reg { num: Scalar::UNKNOWN, ..Reg::known(0) };
        assert!(!covers(&free, Some(&spill(wide, 8)), terms(Strictness::Within)));
    }
}
