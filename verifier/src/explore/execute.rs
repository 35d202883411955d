//! One instruction: what it does to the state.

use knockwright_asm::{
    AluOp, Cond, Endianness, Imm64, Insn, Reg as Register, SignExtend, Size, Source, SwapBits, SxSize, Width,
};

use super::walker::{Linked, Next, Walker};
use crate::check::memory::Access;
use crate::scalar::{self, Binary, Scalar};
use crate::state::{Kind, Link, PacketRange, Reg, State};
use crate::stop::{Checked, EACCES, EINVAL, Stop};

/// How a destination register is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Destination {
    /// It's overwritten with an unknown number.
    Unknown,
    /// It's overwritten later.
    Later,
}

impl Walker<'_> {
    /// Walks the current instruction.
    pub(crate) fn step(&mut self) -> Checked<Next> {
        let at = self.insn;
        let Some(insn) = self.structure.insns[at] else {
            return self.odd_instruction();
        };
        match insn {
            Insn::Alu { width, op: AluOp::Mov, dst, src } => self.move_to(width, dst, src)?,
            Insn::Alu { width, op, dst, src } => self.arithmetic(width, op, dst, src)?,
            Insn::Neg { width, dst } => self.negate(width, dst)?,
            Insn::MovSx { from, dst, src } => self.move_extended(from, dst, src)?,
            Insn::ToEndian { order, bits, dst } => self.swap(Some(order), bits, dst)?,
            Insn::Bswap { bits, dst } => self.swap(None, bits, dst)?,
            Insn::AddrSpaceCast { .. } => {
                // Maps of kind arena aren't modelled, so there is none.
                return self.reject(
                    EINVAL,
                    format_args!(
                        "addr_space_cast insn can only be used in a program that has an associated arena"
                    ),
                );
            }
            Insn::Load { size, dst, base, off } => self.load(size, dst, base, off, false)?,
            Insn::LoadSx { size, dst, base, off } => {
                let size = match size {
                    SxSize::S8 => Size::U8,
                    SxSize::S16 => Size::U16,
                    SxSize::S32 => Size::U32,
                };
                self.load(size, dst, base, off, true)?;
            }
            Insn::Store { size, base, off, src } => self.store(size, base, off, src)?,
            Insn::StoreImm { size, base, off, .. } => {
                self.read_reg(base.number())?;
                let kind = self.reg(base.number()).kind;
                let nullable = self.reg(base.number()).nullable;
                self.access_memory(base.number(), i32::from(off), size.bytes(), Access::Write(None))?;
                self.same_pointer_kind(kind, nullable)?;
            }
            Insn::LoadImm64 { dst, value } => {
                self.load_imm64(dst.number(), value)?;
                return Ok(Next::Jump(at + 2));
            }
            Insn::LoadAbs { .. } => self.load_from_packet(None)?,
            Insn::LoadInd { src, .. } => self.load_from_packet(Some(src))?,
            Insn::Atomic { size, op, base, off, src } => self.atomic(size.into(), op, base, off, src)?,
            Insn::LoadAcquire { size, dst, base, off } => self.load_acquire(size, dst, base, off)?,
            Insn::StoreRelease { size, base, off, src } => self.store_release(size, base, off, src)?,
            Insn::Goto { off } => {
                self.counters.jumps += 1;
                return Ok(Next::Jump(landing(at, i32::from(off))));
            }
            Insn::GotoLong { off } => {
                self.counters.jumps += 1;
                return Ok(Next::Jump(landing(at, off)));
            }
            Insn::MayGoto { off } => {
                self.counters.jumps += 1;
                self.push_branch(at + 1)?;
                let earlier = self.earlier_visit(at);
                let mut other = self.pending.pop().expect("just pushed");
                other.state.may_goto_depth += 1;
                if let Some(earlier) = earlier {
                    widen(&self.checkpoint(earlier).state, &mut other.state);
                }
                self.pending.push(other);
                return Ok(Next::Jump(landing(at, i32::from(off))));
            }
            Insn::JumpIf { width, cond, dst, src, off } => {
                self.counters.jumps += 1;
                return self.jump_if(width, cond, dst, src, landing(at, i32::from(off)));
            }
            Insn::CallHelper { helper } => {
                self.counters.jumps += 1;
                let next = self.call_helper(helper)?;
                self.show_reg(0);
                return Ok(next);
            }
            Insn::CallLocal { off } => {
                self.counters.jumps += 1;
                let next = self.call_function(landing(at, off))?;
                self.show_reg(0);
                return Ok(next);
            }
            Insn::CallKfunc { .. } => return Err(Stop::unsupported("kfunc call")),
            Insn::Exit => {
                self.counters.jumps += 1;
                return self.exit();
            }
        }
        Ok(Next::Follow)
    }

    /// Reads a register: it must have been written.
    pub(crate) fn read_reg(&mut self, number: u8) -> Checked {
        if number > 10 {
            return self.reject(EINVAL, format_args!("R{number} is invalid"));
        }
        self.show_reg(number);
        if self.reg(number).kind == Kind::NotInit {
            return self.reject(EACCES, format_args!("R{number} !read_ok"));
        }
        Ok(())
    }

    /// Writes a register: it must not be the frame pointer.
    pub(crate) fn write_reg(&mut self, number: u8, how: Destination) -> Checked {
        if number > 10 {
            return self.reject(EINVAL, format_args!("R{number} is invalid"));
        }
        self.show_reg(number);
        if number == 10 {
            return self.reject(EACCES, format_args!("frame pointer is read only"));
        }
        if how == Destination::Unknown {
            *self.reg_mut(number) = Reg::UNKNOWN;
        }
        Ok(())
    }

    /// Gives a number an identity, so that copies of it stay equal to it.
    pub(crate) fn link(&mut self, number: u8) {
        let mut reg = *self.reg(number);
        self.give_identity(&mut reg);
        *self.reg_mut(number) = reg;
    }

    /// As [`Self::link`], for a value that isn't in a register.
    pub(crate) fn give_identity(&mut self, reg: &mut Reg) {
        if !reg.is_scalar() {
            return;
        }
        if reg.link != Link::Same {
            reg.unlink();
        }
        if reg.id == 0 && !reg.num.is_const() {
            reg.id = self.new_id();
        }
    }

    fn load_imm64(&mut self, dst: u8, value: Imm64) -> Checked {
        self.write_reg(dst, Destination::Later)?;
        let loaded = match value {
            Imm64::Const(value) => Reg::known(value),
            Imm64::MapIdx(index) => Reg::pointer(Kind::MapPtr(index as u16)),
            Imm64::MapIdxValue { idx, off } => Reg { off, ..Reg::pointer(Kind::MapValue(idx as u16)) },
            Imm64::Func(distance) => {
                let start = landing(self.insn, distance);
                let number = self.structure.starts.iter().position(|&known| known == start).unwrap_or(0);
                if self.subject.functions.is_empty() {
                    return self.reject(EINVAL, format_args!("missing btf func_info"));
                }
                if self.subject.functions.get(number).is_some_and(|function| function.global) {
                    return self.reject(EINVAL, format_args!("callback function not static"));
                }
                Reg::pointer(Kind::Func(number as u16))
            }
            _ => return Err(Stop::unsupported("ld_imm64 of this kind")),
        };
        *self.reg_mut(dst) = loaded;
        Ok(())
    }

    fn move_to(&mut self, width: Width, dst: Register, src: Source) -> Checked {
        let dst = dst.number();
        let source = match src {
            Source::Imm(imm) => {
                self.write_reg(dst, Destination::Later)?;
                let value = match width {
                    Width::W64 => i64::from(imm) as u64,
                    Width::W32 => u64::from(imm as u32),
                };
                *self.reg_mut(dst) = Reg::known(value);
                return Ok(());
            }
            Source::Reg(src) => src.number(),
        };
        self.read_reg(source)?;
        self.write_reg(dst, Destination::Later)?;
        match width {
            Width::W64 => {
                self.link(source);
                *self.reg_mut(dst) = *self.reg(source);
            }
            Width::W32 => {
                if self.is_secret_pointer(source) {
                    return self.reject(EACCES, format_args!("R{source} partial copy of pointer"));
                }
                if self.reg(source).is_scalar() {
                    let fits = self.reg(source).num.u64.max <= u64::from(u32::MAX);
                    if fits {
                        self.link(source);
                    }
                    let mut value = *self.reg(source);
                    if !fits {
                        value.unlink();
                    }
                    *self.reg_mut(dst) = value;
                } else {
                    *self.reg_mut(dst) = Reg::UNKNOWN;
                }
                let rules = self.rules;
                self.reg_mut(dst).num.zero_extend(rules);
            }
        }
        Ok(())
    }

    fn move_extended(&mut self, from: SignExtend, dst: Register, src: Register) -> Checked {
        let (dst, src) = (dst.number(), src.number());
        let (width, bytes) = match from {
            SignExtend::S8ToW64 => (Width::W64, 1),
            SignExtend::S16ToW64 => (Width::W64, 2),
            SignExtend::S32ToW64 => (Width::W64, 4),
            SignExtend::S8ToW32 => (Width::W32, 1),
            SignExtend::S16ToW32 => (Width::W32, 2),
        };
        self.read_reg(src)?;
        self.write_reg(dst, Destination::Later)?;
        if self.is_secret_pointer(src) {
            return match width {
                Width::W64 => self.reject(EACCES, format_args!("R{src} sign-extension part of pointer")),
                Width::W32 => self.reject(EACCES, format_args!("R{src} partial copy of pointer")),
            };
        }
        let rules = self.rules;
        if !self.reg(src).is_scalar() {
            *self.reg_mut(dst) = Reg::UNKNOWN;
        } else {
            let unchanged = self.reg(src).num.u64.max < 1 << (bytes * 8 - 1);
            if unchanged {
                self.link(src);
            }
            let mut value = *self.reg(src);
            if !unchanged {
                value.unlink();
            }
            match width {
                Width::W64 => value.num.sign_extend_64(bytes, rules),
                Width::W32 => value.num.sign_extend_32(bytes, rules),
            }
            *self.reg_mut(dst) = value;
        }
        if width == Width::W32 {
            self.reg_mut(dst).num.zero_extend(rules);
        }
        Ok(())
    }

    fn negate(&mut self, width: Width, dst: Register) -> Checked {
        let dst = dst.number();
        self.read_reg(dst)?;
        if self.is_secret_pointer(dst) {
            return self.reject(EACCES, format_args!("R{dst} pointer arithmetic prohibited"));
        }
        let rules = self.rules;
        if rules.precise_negation && self.reg(dst).is_scalar() {
            self.write_reg(dst, Destination::Later)?;
            let reg = self.reg_mut(dst);
            reg.num.negate(width, rules);
            reg.unlink();
        } else {
            self.write_reg(dst, Destination::Unknown)?;
        }
        Ok(())
    }

    fn swap(&mut self, order: Option<Endianness>, bits: SwapBits, dst: Register) -> Checked {
        let dst = dst.number();
        self.read_reg(dst)?;
        if self.is_secret_pointer(dst) {
            return self.reject(EACCES, format_args!("R{dst} pointer arithmetic prohibited"));
        }
        if !self.rules.precise_negation || !self.reg(dst).is_scalar() {
            return self.write_reg(dst, Destination::Unknown);
        }
        self.write_reg(dst, Destination::Later)?;
        let bytes = match bits {
            SwapBits::B16 => 2,
            SwapBits::B32 => 4,
            SwapBits::B64 => 8,
        };
        let rules = self.rules;
        let reg = self.reg_mut(dst);
        if order == Some(Endianness::Le) && bytes == 8 {
            reg.num.sync(rules);
            return Ok(());
        }
        match order {
            Some(Endianness::Le) => reg.num.truncate(bytes, rules),
            Some(Endianness::Be) | None => reg.num.swap_bytes(bytes, rules),
        }
        reg.unlink();
        Ok(())
    }

    fn arithmetic(&mut self, width: Width, op: AluOp, dst: Register, src: Source) -> Checked {
        let dst = dst.number();
        if let Source::Reg(src) = src {
            self.read_reg(src.number())?;
        }
        self.read_reg(dst)?;
        if let Source::Imm(imm) = src {
            if imm == 0 && matches!(op, AluOp::Div | AluOp::Mod | AluOp::Sdiv | AluOp::Smod) {
                return self.reject(EINVAL, format_args!("div by zero"));
            }
            let bits = if width == Width::W64 { 64 } else { 32 };
            if matches!(op, AluOp::Lsh | AluOp::Rsh | AluOp::Arsh) && !(0..bits).contains(&imm) {
                return self.reject(EINVAL, format_args!("invalid shift {imm}"));
            }
        }
        self.write_reg(dst, Destination::Later)?;
        let source = match src {
            Source::Imm(imm) => {
                let source = Reg::known(i64::from(imm) as u64);
                if !self.reg(dst).is_scalar() {
                    return self.pointer_arithmetic(width, op, dst, *self.reg(dst), source, false);
                }
                source
            }
            Source::Reg(src) => {
                let src = src.number();
                match (self.reg(dst).is_scalar(), self.reg(src).is_scalar()) {
                    (true, true) => {
                        if self.reg(dst).precise {
                            self.mark_precise(src)?;
                        }
                    }
                    (false, false) => {
                        if op == AluOp::Sub && self.options.perfmon {
                            *self.reg_mut(dst) = Reg::UNKNOWN;
                            return Ok(());
                        }
                        return self.reject(
                            EACCES,
                            format_args!("R{dst} pointer {} pointer prohibited", operator(op)),
                        );
                    }
                    (true, false) => {
                        self.mark_precise(dst)?;
                        let (pointer, number) = (*self.reg(src), *self.reg(dst));
                        return self.pointer_arithmetic(width, op, dst, pointer, number, true);
                    }
                    (false, true) => {
                        self.mark_precise(src)?;
                        let (pointer, number) = (*self.reg(dst), *self.reg(src));
                        return self.pointer_arithmetic(width, op, dst, pointer, number, false);
                    }
                }
                *self.reg(src)
            }
        };
        if matches!(op, AluOp::And | AluOp::Or) && source.num.is_const() {
            self.fork_all_or_nothing(dst)?;
        }
        let rules = self.rules;
        let reg = self.reg_mut(dst);
        let stays_32 = reg.num.u64.max <= u64::from(u32::MAX);
        match binary(op) {
            Some(op) => reg.num.binary(op, width, &source.num, rules),
            None => {
                // Division and remainder give an unknown number, of which not even the upper half is known.
                *reg = Reg::UNKNOWN;
                return Ok(());
            }
        }
        let mut num = reg.num;
        self.check_number(&mut num, "alu");
        let reg = self.reg_mut(dst);
        reg.num = num;
        let constant = scalar::constant(&source.num, if rules.linked_by_sub { width } else { Width::W64 });
        let moves = op == AluOp::Add || (op == AluOp::Sub && rules.linked_by_sub);
        let reaches = width == Width::W64 || (rules.linked_by_sub && stays_32);
        match constant {
            Some(value)
                if moves && reaches && reg.id != 0 && src != Source::Reg(Register::ALL[usize::from(dst)]) =>
            {
                let value = if width == Width::W32 { i64::from(value as i32) } else { value as i64 };
                let difference = i32::try_from(value).ok().filter(|value| rules.linked_by_sub || *value >= 0);
                let difference =
                    if op == AluOp::Sub { difference.and_then(i32::checked_neg) } else { difference };
                match difference {
                    Some(difference) if reg.link == Link::Same => {
                        reg.link = if width == Width::W32 { Link::Apart32 } else { Link::Apart64 };
                        reg.off = difference;
                    }
                    _ => reg.unlink(),
                }
            }
            _ => reg.unlink(),
        }
        Ok(())
    }

    /// A number whose parts contradict each other, which only paths that can't be taken lead to, loses its ranges.
    fn check_number(&mut self, num: &mut Scalar, place: &str) {
        let Some(what) = num.contradiction() else {
            return;
        };
        let Scalar { bits, s64, u64, s32, u32 } = *num;
        self.say(format_args!(
            "verifier bug: REG INVARIANTS VIOLATION ({place}): {what} u64=[{:#x}, {:#x}] s64=[{:#x}, {:#x}] \
             u32=[{:#x}, {:#x}] s32=[{:#x}, {:#x}] var_off=({:#x}, {:#x})\n",
            u64.min, u64.max, s64.min, s64.max, u32.min, u32.max, s32.min, s32.max, bits.value, bits.mask
        ));
        num.forget_ranges();
    }

    /// A number that is 0 or -1, masked with a constant, is walked once as each of them.
    fn fork_all_or_nothing(&mut self, dst: u8) -> Checked {
        let num = self.reg(dst).num;
        let whole = num.s64.min == -1 && num.s64.max == 0;
        let lower = num.s32.min == -1 && num.s32.max == 0;
        if !self.rules.forks_masks || !(whole || lower) {
            return Ok(());
        }
        self.push_branch(self.insn)?;
        let other = &mut self.pending.last_mut().expect("just pushed").state;
        let none = &mut other.frame_mut().regs[usize::from(dst)].num;
        let all = &mut self.state.frame_mut().regs[usize::from(dst)].num;
        if whole {
            *none = Scalar::known(0);
            *all = Scalar::known(u64::MAX);
        } else {
            none.set_lower(0);
            all.set_lower(u64::MAX);
        }
        Ok(())
    }

    fn jump_if(
        &mut self,
        width: Width,
        cond: Cond,
        dst: Register,
        src: Source,
        target: usize,
    ) -> Checked<Next> {
        let dst = dst.number();
        self.read_reg(dst)?;
        let (source, source_reg) = match src {
            Source::Imm(imm) => (Reg::known(i64::from(imm) as u64), None),
            Source::Reg(src) => {
                let src = src.number();
                self.read_reg(src)?;
                let packet = |kind: Kind| kind.is_packet() || kind == Kind::PacketEnd;
                let both_packet = packet(self.reg(dst).kind) && packet(self.reg(src).kind);
                if !both_packet && self.is_secret_pointer(src) {
                    return self.reject(EACCES, format_args!("R{src} pointer comparison prohibited"));
                }
                (*self.reg(src), Some(src))
            }
        };
        let value = *self.reg(dst);
        let same = source_reg == Some(dst) && value.is_scalar();
        let frame_pointers = [value.kind == Kind::Stack, source.kind == Kind::Stack];
        if frame_pointers != [false; 2] {
            self.remember_step(None, [None; 6]);
            if let Some(step) = self.path.steps.last_mut() {
                step.frame_pointers = frame_pointers;
            }
        }
        if let Some(taken) = self.decide_jump(width, cond, &value, &source) {
            if value.is_scalar() {
                self.mark_precise(dst)?;
            }
            if let Some(src) = source_reg
                && source.is_scalar()
            {
                self.mark_precise(src)?;
            }
            self.write_branch_state();
            return Ok(if taken { Next::Jump(target) } else { Next::Follow });
        }

        let mut linked = [None; 6];
        if let Some(src) = source_reg
            && source.is_scalar()
            && source.id != 0
        {
            self.collect_linked(source.id, &mut linked);
            let _ = src;
        }
        if value.is_scalar() && value.id != 0 {
            self.collect_linked(value.id, &mut linked);
        }
        if linked[1].is_some() {
            self.remember_step(None, linked);
        }
        self.push_branch(target)?;
        let rules = self.rules;
        // What the collection of linked registers changed holds for both.
        let (value, source) = (*self.reg(dst), source_reg.map_or(source, |src| *self.reg(src)));
        let mut other = std::mem::replace(
            &mut self.pending.last_mut().expect("just pushed").state,
            State { frames: Vec::new(), references: Vec::new(), may_goto_depth: 0, callback_unroll_depth: 0 },
        );

        if same {
            let (mut taken, mut fallen) = scalar::refine_same(cond, width, &value.num, rules);
            self.check_number(&mut taken, "true_reg1");
            self.check_number(&mut fallen, "false_reg1");
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
            if let Some(src) = source_reg {
                self.reg_mut(src).num = fallen.b;
                other.frame_mut().regs[usize::from(src)].num = taken.b;
            }
        }
        if let Some(src) = source_reg
            && source.is_scalar()
            && source.id != 0
        {
            sync_linked(&mut self.state, src, &linked, rules);
            sync_linked(&mut other, src, &linked, rules);
        }
        if value.is_scalar() && value.id != 0 {
            sync_linked(&mut self.state, dst, &linked, rules);
            sync_linked(&mut other, dst, &linked, rules);
        }

        if let Some(src) = source_reg
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

        let null_check = width == Width::W64
            && matches!(src, Source::Imm(0))
            && matches!(cond, Cond::Eq | Cond::Ne)
            && value.nullable;
        if null_check {
            settle_null(&mut self.state, dst, cond == Cond::Ne);
            settle_null(&mut other, dst, cond == Cond::Eq);
        } else {
            let matched = source_reg.is_some_and(|src| {
                width == Width::W64
                    && match_packet(cond, (dst, &value), (src, &source), &mut self.state, &mut other)
            });
            if !matched && self.is_secret_pointer(dst) {
                return self.reject(EACCES, format_args!("R{dst} pointer comparison prohibited"));
            }
        }
        self.pending.last_mut().expect("just pushed").state = other;
        self.write_branch_state();
        Ok(Next::Follow)
    }

    /// Writes what a jump has learned.
    fn write_branch_state(&mut self) {
        if self.log.is_on() {
            let depth = self.state.depth();
            let at = self.insn;
            self.write_changes(at, depth);
        }
    }

    /// Whether a jump is always or never taken.
    fn decide_jump(&self, width: Width, cond: Cond, a: &Reg, b: &Reg) -> Option<bool> {
        let packet = |reg: &Reg| reg.kind.is_packet() || reg.kind == Kind::PacketEnd;
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
    fn collect_linked(&mut self, id: u32, found: &mut [Option<Linked>; 6]) {
        let mut count = found.iter().flatten().count();
        let mut add = |reg: &mut Reg, entry: Linked| {
            if reg.is_scalar() && reg.id == id {
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
            at = content.callsite.unwrap_or(0);
            for (index, reg) in content.regs[..10].iter_mut().enumerate() {
                if live & 1 << index == 0 {
                    continue;
                }
                add(reg, Linked { frame: frame as u8, is_reg: true, index: index as u8 });
            }
            for (index, slot) in content.stack.iter_mut().enumerate() {
                if slot.is_spill() {
                    add(&mut slot.spilled, Linked { frame: frame as u8, is_reg: false, index: index as u8 });
                }
            }
        }
    }

    /// The last checkpoint on the path at an instruction, called from the same places.
    fn earlier_visit(&self, at: usize) -> Option<usize> {
        let mut next = self.path.parent;
        while let Some(id) = next {
            let checkpoint = self.checkpoints[id].as_ref()?;
            let same_calls = checkpoint.state.frames.len() == self.state.frames.len()
                && checkpoint
                    .state
                    .frames
                    .iter()
                    .zip(&self.state.frames)
                    .all(|(a, b)| a.callsite == b.callsite);
            if checkpoint.insn == at && same_calls {
                // The newest is the one made at this visit.
                return self.visit_before(id, at);
            }
            next = checkpoint.path.parent;
        }
        None
    }

    fn visit_before(&self, id: usize, at: usize) -> Option<usize> {
        let mut next = self.checkpoint(id).path.parent;
        while let Some(id) = next {
            let checkpoint = self.checkpoints[id].as_ref()?;
            if checkpoint.insn == at {
                return Some(id);
            }
            next = checkpoint.path.parent;
        }
        None
    }

    /// Whether a register is a pointer that must not become a number.
    pub(crate) fn is_secret_pointer(&self, number: u8) -> bool {
        !self.options.perfmon && !self.reg(number).is_scalar()
    }
}

/// Numbers that differ between two visits of a loop's head, and that nothing relied on, are unknown from here on.
fn widen(old: &State, new: &mut State) {
    let one = |old: &Reg, new: &mut Reg| {
        let differs = old.num != new.num || old.id != new.id;
        if old.is_scalar() && new.is_scalar() && !old.precise && !new.precise && differs {
            *new = Reg::UNKNOWN;
        }
    };
    for (old, new) in old.frames.iter().zip(&mut new.frames) {
        for (old, new) in old.regs[..10].iter().zip(&mut new.regs) {
            one(old, new);
        }
        for (old, new) in old.stack.iter().zip(&mut new.stack) {
            if old.is_spill() && new.is_spill() {
                one(&old.spilled, &mut new.spilled);
            }
        }
    }
}

/// The slot that a jump of a distance leads to.
pub(crate) fn landing(at: usize, distance: i32) -> usize {
    (at as i64 + 1 + i64::from(distance)) as usize
}

fn binary(op: AluOp) -> Option<Binary> {
    Some(match op {
        AluOp::Add => Binary::Add,
        AluOp::Sub => Binary::Sub,
        AluOp::Mul => Binary::Mul,
        AluOp::And => Binary::And,
        AluOp::Or => Binary::Or,
        AluOp::Xor => Binary::Xor,
        AluOp::Lsh => Binary::Lsh,
        AluOp::Rsh => Binary::Rsh,
        AluOp::Arsh => Binary::Arsh,
        AluOp::Div | AluOp::Sdiv | AluOp::Mod | AluOp::Smod | AluOp::Mov => return None,
    })
}

/// An operator as messages write it.
pub(crate) fn operator(op: AluOp) -> &'static str {
    match op {
        AluOp::Add => "+=",
        AluOp::Sub => "-=",
        AluOp::Mul => "*=",
        AluOp::Div | AluOp::Sdiv => "/=",
        AluOp::Or => "|=",
        AluOp::And => "&=",
        AluOp::Lsh => "<<=",
        AluOp::Rsh => ">>=",
        AluOp::Mod | AluOp::Smod => "%=",
        AluOp::Xor => "^=",
        AluOp::Mov => "=",
        AluOp::Arsh => "s>>=",
    }
}

/// Tells the numbers that are equal to a compared one what it has learned.
fn sync_linked(state: &mut State, number: u8, linked: &[Option<Linked>; 6], rules: &crate::profile::Rules) {
    let innermost = state.depth() as u8;
    let known = state.frame().regs[usize::from(number)];
    for entry in linked.iter().flatten() {
        if entry.is_reg && entry.frame == innermost && entry.index == number {
            continue;
        }
        let frame = &mut state.frames[usize::from(entry.frame)];
        let reg = if entry.is_reg {
            &mut frame.regs[usize::from(entry.index)]
        } else {
            &mut frame.stack[usize::from(entry.index)].spilled
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
            reg.num.binary(Binary::Add, width, &difference, rules);
        }
    }
}

/// Settles whether a pointer and its copies are NULL.
pub(crate) fn settle_null(state: &mut State, number: u8, null: bool) {
    let reg = state.frame().regs[usize::from(number)];
    let id = reg.id;
    if null && reg.ref_id != 0 && reg.ref_id == id {
        state.references.retain(|reference| reference.id != id);
    }
    for reg in state.all_regs_mut() {
        if !reg.nullable || reg.id != id {
            continue;
        }
        reg.nullable = false;
        reg.id = 0;
        if null {
            reg.kind = Kind::Scalar;
            reg.read_only = false;
            reg.ringbuf = false;
            reg.ref_id = 0;
        }
    }
}

/// Whether a comparison of a packet pointer with the end is settled by an earlier one.
fn decide_packet(cond: Cond, a: &Reg, b: &Reg) -> Option<bool> {
    let (pointer, cond) = match (a.kind, b.kind) {
        (_, Kind::PacketEnd) => (a, cond),
        (Kind::PacketEnd, _) => (b, scalar::flipped(cond)),
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
        Kind::Packet => end.kind == Kind::PacketEnd,
        Kind::PacketMeta => {
            end.kind == Kind::Packet && end.id == 0 && end.off == 0 && end.num.as_const() == Some(0)
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
    // On one side the pointer is at most at the end (or before it, `open`), on the other it's behind it (or at it).
    let (inside, outside, open) = match cond {
        Cond::Gt => (fallen, taken, false),
        Cond::Lt => (taken, fallen, true),
        Cond::Ge => (fallen, taken, true),
        Cond::Le => (taken, fallen, false),
        _ => return false,
    };
    extend_packet(inside, pointer.1, open);
    let reg = &mut outside.frame_mut().regs[usize::from(pointer.0)];
    if reg.kind == Kind::Packet {
        reg.extent = if open { PacketRange::AT_END } else { PacketRange::BEYOND_END };
    }
    true
}

/// All pointers of the same id as `pointer` have at least its offset of packet behind them.
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
