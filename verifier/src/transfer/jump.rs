//! Conditional jumps: what they decide, and what each side learns of numbers, packet pointers and NULL.

use knockwright_asm::{Cond, Reg as Register, Source, Width};

use crate::machine::{Explore, Holder, Linked, Machine, Next};
use crate::message::Message;
use crate::scalar::{self, Binary, Scalar};
use crate::state::{FramePlace, Id, Link, PacketRange, Reg, RegType, State, WRITABLE_REGS};
use crate::stop::{Checked, EACCES, refuse};

/// A comparison of a register with another or with a constant.
#[derive(Debug, Clone, Copy)]
struct Comparison {
    width: Width,
    cond: Cond,
    dst: u8,
    value: Reg,
    src: Option<u8>,
    source: Reg,
}

impl<E: Explore> Machine<'_, E> {
    pub(super) fn jump_if(
        &mut self,
        width: Width,
        cond: Cond,
        dst: Register,
        src: Source,
        target: usize,
    ) -> Checked<Next> {
        let mut comparison = self.comparison(width, cond, dst, src)?;
        let Comparison { dst, value, src, source, .. } = comparison;
        let frame_pointers = [value.kind == RegType::Stack, source.kind == RegType::Stack];
        if frame_pointers != [false; 2] {
            self.explorer.remember_frame_pointers(self.insn, frame_pointers);
        }
        if let Some(taken) = self.decide_jump(width, cond, &value, &source) {
            if value.is_scalar() {
                self.mark_precise(dst)?;
            }
            if let Some(src) = src
                && source.is_scalar()
            {
                self.mark_precise(src)?;
            }
            let other = if taken { self.insn + 1 } else { target };
            self.speculate_jump(other, dst, src)?;
            self.show_changes();
            return Ok(if taken { Next::Jump(target) } else { Next::Follow });
        }
        let linked = self.linked(&comparison);
        self.push_branch(target)?;
        // What the collection of linked registers changed holds for both.
        comparison.value = *self.reg(dst);
        comparison.source = src.map_or(source, |src| *self.reg(src));
        let mut other = std::mem::replace(self.explorer.aside(), State::empty());
        self.learn_numbers(&comparison, &linked, &mut other);
        let learned = self.learn_pointers(&comparison, &mut other);
        *self.explorer.aside() = other;
        learned?;
        self.show_changes();
        Ok(Next::Follow)
    }

    /// Reads what is compared.
    fn comparison(&mut self, width: Width, cond: Cond, dst: Register, src: Source) -> Checked<Comparison> {
        let dst = dst.number();
        self.read_reg(dst)?;
        let (source, src) = match src {
            Source::Imm(imm) => (Reg::known(i64::from(imm) as u64), None),
            Source::Reg(src) => {
                let src = src.number();
                self.read_reg(src)?;
                let packet = |kind: RegType| kind.is_packet() || kind == RegType::PacketEnd;
                let both_packet = packet(self.reg(dst).kind) && packet(self.reg(src).kind);
                if !both_packet && self.is_secret_pointer(src) {
                    return refuse(EACCES, Message::PointerComparison { reg: src });
                }
                (*self.reg(src), Some(src))
            }
        };
        Ok(Comparison { width, cond, dst, value: *self.reg(dst), src, source })
    }

    /// The registers and slots that are linked with the numbers compared.
    fn linked(&mut self, comparison: &Comparison) -> Linked {
        let Comparison { value, src, source, .. } = comparison;
        let mut linked = [None; 6];
        if src.is_some()
            && source.is_scalar()
            && let Some(id) = source.id
        {
            self.collect_linked(id, &mut linked);
        }
        if value.is_scalar()
            && let Some(id) = value.id
        {
            self.collect_linked(id, &mut linked);
        }
        if linked[1].is_some() {
            self.explorer.remember_linked(self.insn, &linked);
        }
        linked
    }

    /// What each side of a jump knows of numbers; `other` is where it's taken.
    fn learn_numbers(&mut self, comparison: &Comparison, linked: &Linked, other: &mut State) {
        let &Comparison { width, cond, dst, ref value, src, ref source } = comparison;
        let rules = self.rules;
        if src == Some(dst) && value.is_scalar() {
            let (mut taken, mut fallen) = scalar::refine_same(cond, width, &value.num, rules);
            // Both sides of the comparison are the one register, which is looked at for each.
            self.check_number(&mut taken, "true_reg1");
            self.check_number(&mut taken, "true_reg2");
            self.check_number(&mut fallen, "false_reg1");
            self.check_number(&mut fallen, "false_reg2");
            self.reg_mut(dst).num = fallen;
            other.frame_mut().regs[usize::from(dst)].num = taken;
        } else if value.is_scalar() && source.is_scalar() {
            let (mut taken, mut fallen) = scalar::refine(cond, width, &value.num, &source.num, rules);
            self.check_number(&mut taken.a, "true_reg1");
            self.check_number(&mut taken.b, "true_reg2");
            self.check_number(&mut fallen.a, "false_reg1");
            self.check_number(&mut fallen.b, "false_reg2");
            self.reg_mut(dst).num = fallen.a;
            other.frame_mut().regs[usize::from(dst)].num = taken.a;
            if let Some(src) = src {
                self.reg_mut(src).num = fallen.b;
                other.frame_mut().regs[usize::from(src)].num = taken.b;
            }
        }
        if let Some(src) = src
            && source.is_scalar()
            && source.id.is_some()
        {
            sync_linked(&mut self.state, src, linked, rules);
            sync_linked(other, src, linked, rules);
        }
        if value.is_scalar() && value.id.is_some() {
            sync_linked(&mut self.state, dst, linked, rules);
            sync_linked(other, dst, linked, rules);
        }
    }

    /// What each side of a jump knows of pointers; `other` is where it's taken.
    fn learn_pointers(&mut self, comparison: &Comparison, other: &mut State) -> Checked {
        let &Comparison { width, cond, dst, ref value, src, ref source } = comparison;
        if let Some(src) = src
            && width == Width::W64
            && source.is_pointer()
            && value.is_pointer()
            && source.nullable != value.nullable
        {
            let nullable = if source.nullable { src } else { dst };
            match cond {
                Cond::Eq => other.frame_mut().regs[usize::from(nullable)].nullable = false,
                Cond::Ne => self.reg_mut(nullable).nullable = false,
                _ => {}
            }
        }
        let with_null = src.is_none() && source.is_zero();
        if width == Width::W64 && with_null && matches!(cond, Cond::Eq | Cond::Ne) && value.nullable {
            settle_null(&mut self.state, dst, cond == Cond::Ne);
            settle_null(other, dst, cond == Cond::Eq);
            return Ok(());
        }
        let matched = src.is_some_and(|src| {
            width == Width::W64 && match_packet(cond, (dst, value), (src, source), &mut self.state, other)
        });
        if !matched && self.is_secret_pointer(dst) {
            // A barrier may make good of it: then the other side is walked nevertheless.
            return refuse(EACCES, Message::PointerComparison { reg: dst });
        }
        Ok(())
    }

    /// Whether a jump is always or never taken.
    pub(super) fn decide_jump(&self, width: Width, cond: Cond, a: &Reg, b: &Reg) -> Option<bool> {
        let packet = |reg: &Reg| reg.kind.is_packet() || reg.kind == RegType::PacketEnd;
        if packet(a) && packet(b) && width == Width::W64 {
            return decide_packet(cond, a, b);
        }
        if a.is_pointer() || b.is_pointer() {
            let constant = |reg: &Reg| if reg.is_scalar() { scalar::constant(&reg.num, width) } else { None };
            let (pointer, value, cond) = match constant(b) {
                Some(value) => (a, value, cond),
                None => (b, constant(a)?, scalar::flipped(cond)),
            };
            if !pointer.is_not_null() || value != 0 {
                return None;
            }
            return match cond {
                Cond::Eq => Some(false),
                Cond::Ne => Some(true),
                _ => None,
            };
        }
        scalar::decide(cond, width, &a.num, &b.num, self.rules)
    }

    /// Collects the registers and slots that are equal to a number, the innermost frame's first.
    pub(super) fn collect_linked(&mut self, id: Id, found: &mut Linked) {
        let mut count = found.iter().flatten().count();
        let mut add = |reg: &mut Reg, entry: Holder| {
            if reg.is_scalar() && reg.id == Some(id) {
                if count < found.len() {
                    found[count] = Some(entry);
                    count += 1;
                } else {
                    reg.unlink();
                }
            }
        };
        let mut at = self.insn;
        for (frame, content) in self.state.frames.iter_mut().enumerate().rev() {
            let live = self.flow.live_regs[at];
            at = content.callsite.unwrap_or(at);
            for (index, reg) in content.regs[..WRITABLE_REGS].iter_mut().enumerate() {
                if self.rules.links_need_life && live & 1 << index == 0 {
                    continue;
                }
                add(reg, Holder { frame: frame as u8, place: FramePlace::Reg(index as u8) });
            }
            for (index, slot) in content.stack.iter_mut().enumerate() {
                if slot.is_spill() {
                    let place = FramePlace::Slot(index as u8);
                    add(&mut slot.spilled, Holder { frame: frame as u8, place });
                }
            }
        }
    }
}

/// Tells the numbers that are equal to a compared one what it has learned.
fn sync_linked(state: &mut State, number: u8, linked: &Linked, rules: &crate::profile::Rules) {
    let innermost = state.depth() as u8;
    let known = state.frame().regs[usize::from(number)];
    for entry in linked.iter().flatten() {
        if *entry == (Holder { frame: innermost, place: FramePlace::Reg(number) }) {
            continue;
        }
        let frame = &mut state.frames[usize::from(entry.frame)];
        let reg = match entry.place {
            FramePlace::Reg(reg) => &mut frame.regs[usize::from(reg)],
            FramePlace::Slot(slot) => &mut frame.stack[usize::from(slot)].spilled,
        };
        if !reg.is_scalar() || reg.id != known.id {
            continue;
        }
        let both_plain = reg.link == Link::Same && known.link == Link::Same;
        if both_plain || reg.off == known.off {
            *reg = known;
        } else {
            let (off, link) = (reg.off, reg.link);
            let difference = Scalar::known(i64::from(off.wrapping_sub(known.off)) as u64);
            *reg = known;
            reg.off = off;
            reg.link = link;
            let width =
                if link == Link::Apart32 || known.link == Link::Apart32 { Width::W32 } else { Width::W64 };
            if rules.linked_sums_settle {
                reg.num.binary(Binary::Add, width, &difference, rules);
            } else {
                reg.num.add(&difference, rules);
            }
        }
    }
}

/// Settles whether a pointer and its copies are NULL.
pub(crate) fn settle_null(state: &mut State, number: u8, null: bool) {
    let reg = state.frame().regs[usize::from(number)];
    let id = reg.id;
    if null
        && reg.ref_id == id
        && let Some(id) = id
    {
        state.references.retain(|reference| reference.id != id);
    }
    for reg in state.all_regs_mut() {
        if !reg.nullable || reg.id != id {
            continue;
        }
        reg.nullable = false;
        reg.id = None;
        if null {
            reg.kind = RegType::Scalar;
            reg.read_only = false;
            reg.ringbuf = false;
            reg.ref_id = None;
        }
    }
}

/// Whether a comparison of a packet pointer with the end is settled by an earlier one.
fn decide_packet(cond: Cond, a: &Reg, b: &Reg) -> Option<bool> {
    let (pointer, cond) = match (a.kind, b.kind) {
        (_, RegType::PacketEnd) => (a, cond),
        (RegType::PacketEnd, _) => (b, scalar::flipped(cond)),
        _ => return None,
    };
    match (cond, pointer.extent) {
        (Cond::Le | Cond::Gt, PacketRange::BEYOND_END) => Some(cond == Cond::Gt),
        (Cond::Lt | Cond::Ge, PacketRange::BEYOND_END | PacketRange::AT_END) => Some(cond == Cond::Ge),
        _ => None,
    }
}

/// Learns packet ranges from a comparison; returns whether it was one that says something.
fn match_packet(cond: Cond, a: (u8, &Reg), b: (u8, &Reg), fallen: &mut State, taken: &mut State) -> bool {
    let is_end_for = |end: &Reg, pointer: &Reg| match pointer.kind {
        RegType::Packet => end.kind == RegType::PacketEnd,
        RegType::PacketMeta => {
            end.kind == RegType::Packet && end.id.is_none() && end.off == 0 && end.num.as_const() == Some(0)
        }
        _ => false,
    };
    let (pointer, cond) = if is_end_for(b.1, a.1) {
        (a, cond)
    } else if is_end_for(a.1, b.1) {
        (b, scalar::flipped(cond))
    } else {
        return false;
    };
    // On one side the pointer is at most at the end (or before it, `open`), on the other it's beyond it (or at it).
    let open = matches!(cond, Cond::Lt | Cond::Ge);
    let (inside, outside) = match cond {
        Cond::Gt | Cond::Ge => (fallen, taken),
        Cond::Lt | Cond::Le => (taken, fallen),
        _ => return false,
    };
    extend_packet(inside, pointer.1, open);
    let reg = &mut outside.frame_mut().regs[usize::from(pointer.0)];
    if reg.kind == RegType::Packet {
        reg.extent = if open { PacketRange::AT_END } else { PacketRange::BEYOND_END };
    }
    true
}

/// All pointers of the same id as `pointer` have at least its offset of packet before them.
fn extend_packet(state: &mut State, pointer: &Reg, open: bool) {
    const MAX_PACKET_OFFSET: u64 = 0xffff;
    if pointer.off < 0 || (pointer.off == 0 && open) {
        return;
    }
    let furthest = pointer.num.u64.max.checked_add(pointer.off as u64);
    if furthest.is_none_or(|furthest| furthest > MAX_PACKET_OFFSET) {
        return;
    }
    let range = pointer.off + i32::from(open);
    for reg in state.all_regs_mut() {
        if reg.kind == pointer.kind && reg.id == pointer.id {
            reg.extent = reg.extent.max(range);
        }
    }
}
