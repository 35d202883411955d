//! Reads and writes of the stack: spills, fills, bytes.

use super::memory::{Access, MAX_VARIABLE};
use crate::explore::walker::Walker;
use crate::message::{Bits, Message, Number};
use crate::state::{Byte, Kind, Link, Reg};
use crate::stop::{Checked, EACCES, EINVAL, refuse};

/// The size of a frame's stack in bytes.
const MAX_STACK: i64 = 512;

/// An access to a stretch of the stack.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StackAccess {
    pub(crate) size: u32,
    pub(crate) zero_is_fine: bool,
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

/// The width in bits that a number surely fits.
fn width(reg: &Reg) -> u32 {
    64 - reg.num.u64.max.leading_zeros()
}

impl Walker<'_> {
    /// Whether an access stays inside the stack; makes room for it.
    pub(crate) fn check_stack_bounds(&mut self, base: u8, off: i32, size: i64, write: bool) -> Checked {
        self.check_stack_place(base, off, size, write, if write { Way::Write } else { Way::Read })
    }

    fn check_stack_place(&mut self, base: u8, off: i32, size: i64, write: bool, way: Way) -> Checked {
        let reg = *self.reg(base);
        let (low, high) = match reg.num.as_const() {
            Some(variable) => {
                let low = (variable as i64).wrapping_add(i64::from(off));
                (low, low.wrapping_add(size))
            }
            None => {
                if reg.num.s64.max >= MAX_VARIABLE || reg.num.s64.min <= -MAX_VARIABLE {
                    return refuse(EACCES, Message::StackUnbounded { access: way.words().into(), reg: base });
                }
                (reg.num.s64.min + i64::from(off), reg.num.s64.max + i64::from(off) + size)
            }
        };
        let held = (self.state.frames[usize::from(reg.frame)].stack.len() * 8) as i64;
        let deepest = if write || self.options.perfmon { MAX_STACK } else { held };
        let errno = if !(-deepest..=-1).contains(&low) {
            EACCES
        } else if high > 0 {
            EINVAL
        } else {
            let slots = ((-low) as usize).div_ceil(8);
            let frame = usize::from(reg.frame);
            self.state.frames[frame].grow(slots);
            let subprogram = self.state.frames[frame].subprogram;
            let depth = &mut self.stack_depth[subprogram];
            *depth = (*depth).max((-low) as usize);
            return Ok(());
        };
        let size = size.into();
        let message = if reg.num.is_const() {
            way.outside(base, low.into(), size)
        } else {
            let (access, var_off) = (way.words().into(), Bits(reg.num.bits));
            Message::StackVariable { access, reg: base, var_off, off: off.into(), size }
        };
        refuse(errno, message)
    }

    pub(crate) fn write_stack(&mut self, base: u8, off: i32, size: u32, src: Option<u8>) -> Checked {
        let pointer = *self.reg(base);
        let imm = if src.is_none() { self.stored_constant() } else { None };
        match pointer.num.as_const() {
            Some(variable) => {
                let off = i64::from(off) + variable as i64;
                self.write_stack_at(pointer.frame, off, size, src, imm)
            }
            None => {
                let low = pointer.num.s64.min + i64::from(off);
                let high = pointer.num.s64.max + i64::from(off) + i64::from(size);
                self.write_stack_somewhere(pointer.frame, low, high, src, imm)
            }
        }
    }

    /// The constant that the current instruction stores, if it's a store of one.
    fn stored_constant(&self) -> Option<i32> {
        match self.structure.insns[self.insn] {
            Some(knockwright_asm::Insn::StoreImm { imm, .. }) => Some(imm),
            _ => None,
        }
    }

    fn write_stack_at(
        &mut self,
        frame: u8,
        off: i64,
        size: u32,
        src: Option<u8>,
        imm: Option<i32>,
    ) -> Checked {
        let (slot, byte) = position(off);
        let aligned = off % 8 == 0;
        let current = self.state.depth();
        let target = usize::from(frame);
        let held = self.state.frames[target].stack[slot];
        if !self.options.perfmon && held.is_spill() && !held.spilled.is_scalar() && size != 8 {
            return refuse(EACCES, Message::SpillCorrupted {});
        }
        if !self.options.perfmon {
            // A store that a load may overtake, so that it sees what was there before: of a pointer, or over one.
            let pointer = src.is_some_and(|src| self.reg(src).is_pointer());
            let kept = (0..size as usize)
                .all(|index| matches!(held.bytes[(byte + 8 - index) % 8], Byte::Misc | Byte::Zero));
            self.barriers[self.insn].behind |= pointer || !kept;
        }
        self.show_slot(slot);
        if aligned && size == 8 {
            self.note_slot_write(target, slot);
        }
        let is_scalar = src.is_some_and(|src| self.reg(src).is_scalar());
        if let Some(src) = src
            && is_scalar
            && aligned
        {
            let fits = width(self.reg(src)) <= size * 8;
            if fits {
                self.link(src);
            }
            let mut value = *self.reg(src);
            if !fits {
                value.id = 0;
                value.link = Link::Same;
            }
            self.spill(target, slot, value, size);
        } else if let Some(imm) = imm
            && aligned
        {
            self.spill(target, slot, Reg::known(i64::from(imm) as u64), size);
        } else if let Some(src) = src
            && !is_scalar
            && self.reg(src).kind != Kind::NotInit
        {
            if size != 8 {
                return refuse(EACCES, Message::PartialSpill {});
            }
            let value = *self.reg(src);
            if target != current && value.kind == Kind::Stack {
                return refuse(EINVAL, Message::SpillToCaller {});
            }
            self.spill(target, slot, value, size);
        } else {
            let mut written = Byte::Misc;
            {
                let held = &mut self.state.frames[target].stack[slot];
                if held.is_spill() {
                    for byte in &mut held.bytes {
                        if *byte != Byte::Invalid {
                            *byte = Byte::Misc;
                        }
                    }
                }
                held.spilled = Reg::NOT_INIT;
            }
            let zero = src.is_some_and(|src| self.reg(src).is_zero()) || imm == Some(0);
            if zero {
                if let Some(src) = src {
                    self.mark_precise(src)?;
                }
                written = Byte::Zero;
            }
            let held = &mut self.state.frames[target].stack[slot];
            for index in 0..size as usize {
                held.bytes[(byte + 8 - index) % 8] = written;
            }
            return Ok(());
        }
        self.remember_step(Some((frame, slot as u8)), [None; 6]);
        Ok(())
    }

    fn spill(&mut self, frame: usize, slot: usize, value: Reg, size: u32) {
        let held = &mut self.state.frames[frame].stack[slot];
        held.spilled = value;
        let rest = 8 - size as usize;
        for byte in &mut held.bytes[rest..] {
            *byte = Byte::Spill;
        }
        for byte in &mut held.bytes[..rest] {
            let stays = matches!(*byte, Byte::Zero | Byte::Invalid);
            if !stays {
                *byte = Byte::Misc;
            }
        }
    }

    fn write_stack_somewhere(
        &mut self,
        frame: u8,
        low: i64,
        high: i64,
        src: Option<u8>,
        imm: Option<i32>,
    ) -> Checked {
        let target = usize::from(frame);
        let zero = src.is_some_and(|src| self.reg(src).is_zero()) || imm == Some(0);
        let mut zero_used = false;
        for off in low..high {
            let (slot, byte) = position(off);
            self.show_slot(slot);
            let perfmon = self.options.perfmon;
            let held = &mut self.state.frames[target].stack[slot];
            let kind = held.bytes[byte];
            if !perfmon && !matches!(kind, Byte::Misc | Byte::Zero) {
                let (insn, off) = (self.insn.into(), off.into());
                return refuse(EINVAL, Message::SpillInRange { insn, off });
            }
            if zero && kind == Byte::Spill && held.spilled.is_zero() {
                zero_used = true;
                continue;
            }
            // Any other spill is destroyed. On some kernels only the bytes written so far say so.
            if self.rules.varied_writes_scrub && held.is_spill() {
                for byte in &mut held.bytes {
                    if *byte != Byte::Invalid {
                        *byte = Byte::Misc;
                    }
                }
            }
            held.spilled = Reg::NOT_INIT;
            held.bytes[byte] = if zero && kind == Byte::Zero {
                zero_used = true;
                Byte::Zero
            } else {
                Byte::Misc
            };
        }
        if zero_used && let Some(src) = src {
            self.mark_precise(src)?;
        }
        Ok(())
    }

    pub(crate) fn read_stack(
        &mut self,
        base: u8,
        off: i32,
        size: u32,
        dst: Option<u8>,
        signed: bool,
    ) -> Checked {
        let _ = signed;
        let pointer = *self.reg(base);
        if let Some(variable) = pointer.num.as_const() {
            let off = i64::from(off) + variable as i64;
            return self.read_stack_at(pointer.frame, off, size, dst);
        }
        let Some(dst) = dst else {
            let (var_off, off, size) = (Bits(pointer.num.bits), off.into(), size.into());
            return refuse(EACCES, Message::StackVariesAtomic { var_off, off, size });
        };
        let access = StackAccess { size, zero_is_fine: false, write: false, by_helper: false };
        self.check_stack_initialised(base, off, access, None)?;
        let low = pointer.num.s64.min + i64::from(off);
        let high = pointer.num.s64.max + i64::from(off) + i64::from(size);
        self.load_bytes(pointer.frame, low, high, dst);
        Ok(())
    }

    fn load_bytes(&mut self, frame: u8, low: i64, high: i64, dst: u8) {
        let mut zero = true;
        for off in low..high {
            let (slot, byte) = position(off);
            self.show_slot(slot);
            if self.state.frames[usize::from(frame)].stack[slot].bytes[byte] != Byte::Zero {
                zero = false;
                break;
            }
        }
        *self.reg_mut(dst) = if zero { Reg::known(0) } else { Reg::UNKNOWN };
    }

    fn read_stack_at(&mut self, frame: u8, off: i64, size: u32, dst: Option<u8>) -> Checked {
        let (slot, byte) = position(off);
        let target = usize::from(frame);
        self.show_slot(slot);
        let held = self.state.frames[target].stack[slot];
        if self.rules.live_stack {
            self.note_slot_read(target, slot);
        }
        if !held.is_spill() {
            for index in 0..size as usize {
                let kind = held.bytes[(byte + 8 - index) % 8];
                // Rests of a register that was spilled here are no bytes to read.
                let readable = match kind {
                    Byte::Misc | Byte::Zero => true,
                    Byte::Invalid => self.options.perfmon,
                    Byte::Spill => false,
                };
                if !readable {
                    return refuse(EACCES, never_written(off, index, size));
                }
            }
            self.note_old_slot_read(target, slot);
            if let Some(dst) = dst {
                self.load_bytes(frame, off, off + i64::from(size), dst);
            }
            return Ok(());
        }
        let spilled_size = held.bytes.iter().rev().take_while(|&&byte| byte == Byte::Spill).count() as u32;
        if size != 8 || spilled_size != 8 {
            if !held.spilled.is_scalar() {
                return refuse(EACCES, Message::PartialFill {});
            }
            self.note_old_slot_read(target, slot);
            let Some(dst) = dst else {
                return Ok(());
            };
            if size <= spilled_size && off % 8 == 0 {
                let bits = width(&held.spilled);
                if size == 4 && spilled_size == 4 && bits <= 32 {
                    self.link_slot(target, slot);
                }
                let mut value = self.state.frames[target].stack[slot].spilled;
                if bits > size * 8 {
                    value.id = 0;
                    value.link = Link::Same;
                }
                *self.reg_mut(dst) = value;
            } else {
                let (mut spills, mut zeros) = (0, 0);
                for index in 0..size as usize {
                    match held.bytes[(byte + 8 - index) % 8] {
                        Byte::Spill => spills += 1,
                        Byte::Zero => zeros += 1,
                        Byte::Misc => {}
                        Byte::Invalid if self.options.perfmon => {}
                        Byte::Invalid => {
                            return refuse(EACCES, never_written(off, index, size));
                        }
                    }
                }
                if spills == size && held.spilled.is_zero() {
                    *self.reg_mut(dst) = Reg::known(0);
                } else {
                    *self.reg_mut(dst) = if zeros == size { Reg::known(0) } else { Reg::UNKNOWN };
                    return Ok(());
                }
            }
        } else if let Some(dst) = dst {
            *self.reg_mut(dst) = self.state.frames[target].stack[slot].spilled;
        } else if !self.options.perfmon && !held.spilled.is_scalar() {
            return refuse(EACCES, Message::SpillLeaks { off: off.into() });
        }
        self.note_old_slot_read(target, slot);
        self.remember_step(Some((frame, slot as u8)), [None; 6]);
        Ok(())
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
        let StackAccess { size, zero_is_fine, write, by_helper } = access;
        let indirect = by_helper && self.rules.indirect_words;
        if size == 0 && !zero_is_fine {
            return refuse(EACCES, Message::EmptyStackRead {});
        }
        let way = match () {
            () if indirect => Way::Indirect,
            () if write => Way::Write,
            () => Way::Read,
        };
        let write = write || (by_helper && self.rules.helpers_clobber);
        self.check_stack_place(base, off, i64::from(size), write, way)?;
        let (low, high) = match reg.num.as_const() {
            Some(variable) => {
                if let Some(raw) = raw {
                    *raw = Some((base, size));
                    return Ok(());
                }
                let low = variable as i64 + i64::from(off);
                (low, low)
            }
            None => (reg.num.s64.min + i64::from(off), reg.num.s64.max + i64::from(off)),
        };
        let target = usize::from(reg.frame);
        for at in low..high + i64::from(size) {
            let (slot, byte) = position(at);
            let perfmon = self.options.perfmon;
            let held = &mut self.state.frames[target].stack[slot];
            match held.bytes[byte] {
                Byte::Misc => {}
                Byte::Zero => {
                    if write {
                        held.bytes[byte] = Byte::Misc;
                    }
                }
                Byte::Invalid if perfmon => {
                    if write {
                        held.bytes[byte] = Byte::Misc;
                    }
                }
                // A spilled number stands for its whole slot, even for bytes that it doesn't fill.
                _ if held.is_spill() && (held.spilled.is_scalar() || perfmon) => {
                    if write {
                        held.spilled = Reg::UNKNOWN;
                        for byte in &mut held.bytes {
                            if *byte != Byte::Invalid {
                                *byte = Byte::Misc;
                            }
                        }
                    }
                }
                _ => {
                    let (var_off, off) = (Bits(reg.num.bits), low.into());
                    let (reg, at, size, fixed) = (base, (at - low).into(), size.into(), reg.num.is_const());
                    return refuse(
                        EACCES,
                        match (fixed, indirect) {
                            (true, true) => Message::HelperByte { reg, off, at, size },
                            (true, false) => Message::ArgumentByte { reg, off, at, size },
                            (false, true) => Message::HelperVaryingByte { reg, var_off, at, size },
                            (false, false) => Message::VaryingByte { reg, var_off, at, size },
                        },
                    );
                }
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
