//! Reads and writes of the stack: spills, fills, bytes.
//!
//! The rules are those of `docs/verifier-rules.md`, "The stack"; what they make of one slot is in `state/stack.rs`.

use super::memory::{Access, Empty, MAX_VARIABLE};
use crate::machine::{Explore, Machine};
use crate::message::{Bits, Message, Number};
use crate::profile::Rules;
use crate::scalar::Span;
use crate::state::{Byte, HelperUse, Link, Load, MAX_STACK, MaybeWritten, Reg, RegType, StackSlot};
use crate::stop::{Checked, EACCES, EINVAL, refuse};

/// An access to a stretch of the stack.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StackAccess {
    pub(crate) size: u32,
    pub(crate) empty: Empty,
    pub(crate) write: bool,
    /// A helper does it, through an argument.
    pub(crate) by_helper: bool,
}

/// How messages call an access to the stack.
#[derive(Debug, Clone, Copy)]
enum Way {
    Read,
    Write,
    /// A helper's, where messages tell it from others.
    Indirect,
}

/// A stretch of the stack that is to be inside of it.
#[derive(Debug, Clone, Copy)]
struct Reach {
    size: i64,
    /// It may be where nothing was written yet.
    write: bool,
    way: Way,
}

impl Way {
    const fn words(self) -> &'static str {
        match self {
            Self::Read => "read from",
            Self::Write => "write to",
            Self::Indirect => "indirect access to",
        }
    }

    /// What is said of an access outside of the stack.
    fn outside(self, reg: u8, off: Number, size: Number) -> Message {
        match self {
            Self::Read => Message::StackRead { reg, off, size },
            Self::Write => Message::StackWrite { reg, off, size },
            Self::Indirect => Message::HelperStack { reg, off, size },
        }
    }
}

/// What is said of a byte of a load that nothing has written.
fn never_written(off: i64, at: usize, size: u32) -> Message {
    Message::StackByte { off: off.into(), at: at.into(), size: size.into() }
}

/// The slot and the byte in it of an offset from the frame pointer.
pub(crate) fn position(off: i64) -> (usize, usize) {
    let place = (-off - 1) as usize;
    (place / 8, place % 8)
}

/// Where an access at a pointer's own place begins, from the lowest to the highest.
fn places(pointer: &Reg) -> Span<i64> {
    pointer.num.as_const().map_or(pointer.num.s64, |number| Span::only(number as i64))
}

/// A number as a slot or a register of `size` bytes takes it: where it may be cut, it isn't equal to others any more.
fn cut(mut number: Reg, size: u32, rules: &Rules) -> Reg {
    if fits(&number, size) {
        return number;
    }
    if rules.cut_numbers_forget_distance {
        number.unlink();
    } else {
        number.id = None;
        number.link = Link::Same;
    }
    number
}

/// Whether `size` bytes surely hold a number.
fn fits(number: &Reg, size: u32) -> bool {
    number.num.u64.max.leading_zeros() >= 64 - size * 8
}

/// A store to the stack: of a register, or of a constant if it's one that the instruction has.
#[derive(Debug, Clone, Copy)]
struct Store {
    size: u32,
    src: Option<u8>,
    imm: Option<i32>,
}

impl<E: Explore> Machine<'_, E> {
    /// Whether an access stays inside the stack; makes room for it.
    pub(crate) fn check_stack_bounds(&mut self, base: u8, off: i32, size: u32, access: Access) -> Checked {
        let write = access.is_write();
        let way = if write { Way::Write } else { Way::Read };
        self.check_stack_reach(base, off, Reach { size: size.into(), write, way })
    }

    fn check_stack_reach(&mut self, base: u8, off: i32, reach: Reach) -> Checked {
        let Reach { size, write, way } = reach;
        let reg = *self.reg(base);
        let known = reg.num.is_const();
        let places = places(&reg);
        if !known && (places.max >= MAX_VARIABLE || places.min <= -MAX_VARIABLE) {
            return refuse(EACCES, Message::StackUnbounded { access: way.words().into(), reg: base });
        }
        let low = places.min.wrapping_add(i64::from(off));
        let high = places.max.wrapping_add(i64::from(off)).wrapping_add(size);
        let target = &mut self.state.frames[usize::from(reg.frame)];
        // What was never written can't be read, but with CAP_PERFMON.
        let deepest = if write || self.options.perfmon { MAX_STACK } else { target.stack.len() * 8 } as i64;
        let errno = match () {
            () if !(-deepest..0).contains(&low) => EACCES,
            () if high > 0 => EINVAL,
            () => {
                let used = low.unsigned_abs() as usize;
                target.grow(used.div_ceil(8));
                self.found.use_stack(target.subprogram, used);
                return Ok(());
            }
        };
        let size = size.into();
        let message = if known {
            way.outside(base, low.into(), size)
        } else {
            let (access, var_off) = (way.words().into(), Bits(reg.num.bits));
            Message::StackVariable { access, reg: base, var_off, off: off.into(), size }
        };
        refuse(errno, message)
    }

    pub(crate) fn write_stack(&mut self, base: u8, off: i32, size: u32, src: Option<u8>) -> Checked {
        let pointer = *self.reg(base);
        let imm = match self.structure.insns[self.insn] {
            Some(knockwright_asm::Insn::StoreImm { imm, .. }) if src.is_none() => Some(imm),
            _ => None,
        };
        let store = Store { size, src, imm };
        let places = places(&pointer).map(|place| place + i64::from(off));
        if pointer.num.is_const() {
            self.write_stack_at(pointer.frame, places.min, store)
        } else {
            self.write_stack_somewhere(pointer.frame, places, store)
        }
    }

    fn stores_zero(&self, store: Store) -> bool {
        store.imm == Some(0) || store.src.is_some_and(|src| self.reg(src).is_zero())
    }

    fn write_stack_at(&mut self, frame: u8, off: i64, store: Store) -> Checked {
        let (slot, byte) = position(off);
        let target = usize::from(frame);
        let held = self.state.frames[target].stack[slot];
        let Store { size, src, .. } = store;
        if !self.options.perfmon {
            if size != 8 && held.is_spill() && !held.spilled.is_scalar() {
                return refuse(EACCES, Message::SpillCorrupted {});
            }
            // A store that a load may overtake, so that it sees what was there before: of a pointer, or over one.
            let is_data = |byte| matches!(byte, Byte::Misc | Byte::Zero);
            let secret = src.is_some_and(|src| self.reg(src).is_pointer());
            self.found.barrier_mut(self.insn).after |= secret || !held.loaded_bytes(byte, size).all(is_data);
        }
        self.show_slot(slot);
        let aligned = off % 8 == 0;
        if aligned && size == 8 {
            self.note_slot_write(target, slot);
        }
        if let Some(value) = self.spilled_value(target, store, aligned)? {
            self.state.frames[target].stack[slot].spill(value, size);
            self.remember_stack(frame, slot);
            return Ok(());
        }
        let zero = self.stores_zero(store);
        if zero && let Some(src) = src {
            self.mark_precise(src)?;
        }
        let held = &mut self.state.frames[target].stack[slot];
        if held.is_spill() {
            held.scrub();
        }
        held.spilled = Reg::NOT_INIT;
        held.write_bytes(byte, size, if zero { Byte::Zero } else { Byte::Misc });
        Ok(())
    }

    /// The register that a store spills; none if it stores bytes alone.
    fn spilled_value(&mut self, target: usize, store: Store, aligned: bool) -> Checked<Option<Reg>> {
        let Store { size, src, imm } = store;
        let Some(src) = src else {
            return Ok(imm.filter(|_| aligned).map(|imm| Reg::known(i64::from(imm) as u64)));
        };
        let value = *self.reg(src);
        match value.kind {
            RegType::Scalar if aligned => {
                if fits(&value, size) {
                    self.link(src);
                }
                Ok(Some(cut(*self.reg(src), size, self.rules)))
            }
            RegType::Scalar | RegType::NotInit => Ok(None),
            _ if size != 8 => refuse(EACCES, Message::PartialSpill {}),
            RegType::Stack if target != self.state.depth() => refuse(EINVAL, Message::SpillToCaller {}),
            _ => Ok(Some(value)),
        }
    }

    fn write_stack_somewhere(&mut self, frame: u8, places: Span<i64>, store: Store) -> Checked {
        let written = MaybeWritten { zero: self.stores_zero(store), scrubs: self.rules.varied_writes_scrub };
        let mut zero_stays = false;
        for off in places.min..places.max + i64::from(store.size) {
            let (slot, byte) = position(off);
            self.show_slot(slot);
            let held = &mut self.state.frames[usize::from(frame)].stack[slot];
            if !self.options.perfmon && !matches!(held.bytes[byte], Byte::Misc | Byte::Zero) {
                let (insn, off) = (self.insn.into(), off.into());
                return refuse(EINVAL, Message::SpillInRange { insn, off });
            }
            zero_stays |= held.write_perhaps(byte, written);
        }
        match store.src {
            Some(src) if zero_stays => self.mark_precise(src),
            _ => Ok(()),
        }
    }

    pub(crate) fn read_stack(&mut self, base: u8, off: i32, size: u32, dst: Option<u8>) -> Checked {
        let pointer = *self.reg(base);
        let places = places(&pointer).map(|place| place + i64::from(off));
        if pointer.num.is_const() {
            return self.read_stack_at(pointer.frame, places.min, size, dst);
        }
        let Some(dst) = dst else {
            let (var_off, off, size) = (Bits(pointer.num.bits), off.into(), size.into());
            return refuse(EACCES, Message::StackVariesAtomic { var_off, off, size });
        };
        let access = StackAccess { size, empty: Empty::Refused, write: false, by_helper: false };
        self.check_stack_initialised(base, off, access, None)?;
        let mut zero = true;
        for off in places.min..places.max + i64::from(size) {
            let (slot, byte) = position(off);
            self.show_slot(slot);
            zero = self.state.frames[usize::from(pointer.frame)].stack[slot].bytes[byte] == Byte::Zero;
            if !zero {
                break;
            }
        }
        *self.reg_mut(dst) = if zero { Reg::known(0) } else { Reg::UNKNOWN };
        Ok(())
    }

    fn read_stack_at(&mut self, frame: u8, off: i64, size: u32, dst: Option<u8>) -> Checked {
        let (slot, byte) = position(off);
        let target = usize::from(frame);
        self.show_slot(slot);
        let held = self.state.frames[target].stack[slot];
        if self.rules.live_stack {
            self.note_slot_read(target, slot);
        }
        let load = held.load(byte, size);
        match (load, dst) {
            (Load::PartOfPointer, _) => return refuse(EACCES, Message::PartialFill {}),
            (Load::Register, None) if !self.options.perfmon && !held.spilled.is_scalar() => {
                return refuse(EACCES, Message::SpillLeaks { off: off.into() });
            }
            // What an atomic operation reads of a number is asked when it reads it into a register.
            (Load::Bytes, None) if held.is_spill() => {}
            (Load::Bytes, _) => self.check_bytes_readable(off, size, &held)?,
            _ => {}
        }
        self.note_old_slot_read(target, slot);
        let from_register = match (load, dst) {
            (Load::Register, Some(dst)) => {
                *self.reg_mut(dst) = held.spilled;
                true
            }
            (Load::LowerBytes, Some(dst)) => {
                if size == 4 && held.spilled_bytes() == 4 && fits(&held.spilled, 4) {
                    self.link_slot(target, slot);
                }
                *self.reg_mut(dst) = cut(self.state.frames[target].stack[slot].spilled, size, self.rules);
                true
            }
            (Load::Bytes, Some(dst)) => {
                let all = |kind| held.loaded_bytes(byte, size).all(|byte| byte == kind);
                let spilled_zero = all(Byte::Spill) && held.spilled.is_zero();
                let zero = spilled_zero || all(Byte::Zero);
                *self.reg_mut(dst) = if zero { Reg::known(0) } else { Reg::UNKNOWN };
                spilled_zero
            }
            (_, None) => load == Load::Register,
            (Load::PartOfPointer, Some(_)) => false,
        };
        if from_register {
            self.remember_stack(frame, slot);
        }
        Ok(())
    }

    /// Whether each byte of a load may be read. What is left of a register that was spilled once can't be.
    fn check_bytes_readable(&self, off: i64, size: u32, held: &StackSlot) -> Checked {
        let (_, byte) = position(off);
        let readable = |byte| match byte {
            Byte::Misc | Byte::Zero => true,
            Byte::Invalid => self.options.perfmon,
            Byte::Spill => held.is_spill(),
        };
        match held.loaded_bytes(byte, size).position(|byte| !readable(byte)) {
            Some(at) => refuse(EACCES, never_written(off, at, size)),
            None => Ok(()),
        }
    }

    /// The same for kernels that mark slots: they do so only if the read is allowed.
    fn note_old_slot_read(&mut self, frame: usize, slot: usize) {
        if !self.rules.live_stack {
            self.note_slot_read(frame, slot);
        }
    }

    fn link_slot(&mut self, frame: usize, slot: usize) {
        let mut value = self.state.frames[frame].stack[slot].spilled;
        self.give_identity(&mut value);
        self.state.frames[frame].stack[slot].spilled = value;
    }

    /// Memory on the stack that a helper reads or writes; `raw` takes note of a write that needs nothing initialised.
    pub(crate) fn check_stack_initialised(
        &mut self,
        base: u8,
        off: i32,
        access: StackAccess,
        raw: Option<&mut Option<(u8, u32)>>,
    ) -> Checked {
        let reg = *self.reg(base);
        let StackAccess { size, empty, write, by_helper } = access;
        let indirect = by_helper && self.rules.indirect_words;
        if size == 0 && empty == Empty::Refused {
            return refuse(EACCES, Message::EmptyStackRead {});
        }
        let way = match () {
            () if indirect => Way::Indirect,
            () if write => Way::Write,
            () => Way::Read,
        };
        let write = write || (by_helper && self.rules.helpers_clobber);
        self.check_stack_reach(base, off, Reach { size: size.into(), write, way })?;
        if let Some(raw) = raw
            && reg.num.is_const()
        {
            *raw = Some((base, size));
            return Ok(());
        }
        let places = places(&reg).map(|place| place + i64::from(off));
        let target = usize::from(reg.frame);
        let lent = HelperUse { writes: write, perfmon: self.options.perfmon };
        for at in places.min..places.max + i64::from(size) {
            let (slot, byte) = position(at);
            let held = &mut self.state.frames[target].stack[slot];
            if !held.lend(byte, lent) {
                let (var_off, off) = (Bits(reg.num.bits), places.min.into());
                let (at, size, fixed) = ((at - places.min).into(), size.into(), reg.num.is_const());
                let message = match (fixed, indirect) {
                    (true, true) => Message::HelperByte { reg: base, off, at, size },
                    (true, false) => Message::ArgumentByte { reg: base, off, at, size },
                    (false, true) => Message::HelperVaryingByte { reg: base, var_off, at, size },
                    (false, false) => Message::VaryingByte { reg: base, var_off, at, size },
                };
                return refuse(EACCES, message);
            }
            self.note_slot_read(target, slot);
        }
        Ok(())
    }

    /// Marks bytes that a helper has written.
    pub(crate) fn helper_wrote(&mut self, base: u8, size: u32) -> Checked {
        for index in 0..size {
            self.access_memory(base, index as i32, 1, Access::Write(None))?;
        }
        Ok(())
    }
}
