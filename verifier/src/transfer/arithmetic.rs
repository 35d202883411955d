//! Arithmetic of registers, and moves between them.

use knockwright_asm::{AluOp, Endianness, Reg as Register, SignExtend, Source, SwapBits, Width};

use crate::machine::{Destination, Explore, Machine, Order};
use crate::message::{Message, Prefixed};
use crate::profile::Rules;
use crate::scalar::{self, Binary, Scalar};
use crate::state::{Link, Reg};
use crate::stop::{Checked, EACCES, EINVAL, refuse};

impl<E: Explore> Machine<'_, E> {
    pub(super) fn move_to(&mut self, width: Width, dst: Register, src: Source) -> Checked {
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
                    return refuse(EACCES, Message::PointerPart { reg: source });
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

    pub(super) fn move_extended(&mut self, from: SignExtend, dst: Register, src: Register) -> Checked {
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
                Width::W64 => refuse(EACCES, Message::PointerExtended { reg: src }),
                Width::W32 => refuse(EACCES, Message::PointerPart { reg: src }),
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
                Width::W64 => value.num.sign_extend_64(bytes),
                Width::W32 => value.num.sign_extend_32(bytes),
            }
            *self.reg_mut(dst) = value;
        }
        if width == Width::W32 {
            self.reg_mut(dst).num.zero_extend(rules);
        }
        Ok(())
    }

    pub(super) fn negate(&mut self, width: Width, dst: Register) -> Checked {
        let dst = dst.number();
        self.read_reg(dst)?;
        if self.is_secret_pointer(dst) {
            return refuse(EACCES, Message::AddressChanged { reg: dst });
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

    pub(super) fn swap(&mut self, order: Option<Endianness>, bits: SwapBits, dst: Register) -> Checked {
        let dst = dst.number();
        self.read_reg(dst)?;
        if self.is_secret_pointer(dst) {
            return refuse(EACCES, Message::AddressChanged { reg: dst });
        }
        if !self.rules.precise_swaps || !self.reg(dst).is_scalar() {
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

    pub(super) fn arithmetic(&mut self, width: Width, op: AluOp, dst: Register, src: Source) -> Checked {
        let is_same = src == Source::Reg(dst);
        let dst = dst.number();
        if let Source::Reg(src) = src {
            self.read_reg(src.number())?;
        }
        self.read_reg(dst)?;
        if let Source::Imm(imm) = src {
            check_constant(width, op, imm)?;
        }
        self.write_reg(dst, Destination::Later)?;
        let Some(source) = self.number_operand(width, op, dst, src)? else {
            return Ok(());
        };
        self.mask_numbers(op, dst, src)?;
        if matches!(op, AluOp::And | AluOp::Or) && source.is_const() {
            self.fork_all_or_nothing(dst)?;
        }
        let rules = self.rules;
        let reg = self.reg_mut(dst);
        let stays_32 = reg.num.u64.max <= u64::from(u32::MAX);
        match binary(op) {
            Some(op) => reg.num.binary(op, width, &source, rules),
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
        let reaches = width == Width::W64 || (rules.linked_by_sub && stays_32);
        let distance = if reaches && !is_same { distance(width, op, &source, rules) } else { None };
        match distance {
            Some(distance) if reg.id.is_some() && reg.link == Link::Same => {
                reg.link = if width == Width::W32 { Link::Apart32 } else { Link::Apart64 };
                reg.off = distance;
            }
            _ => reg.unlink(),
        }
        Ok(())
    }

    /// The second operand if both are numbers. With a pointer among them everything is done here.
    fn number_operand(&mut self, width: Width, op: AluOp, dst: u8, src: Source) -> Checked<Option<Scalar>> {
        let src = match src {
            Source::Imm(imm) => {
                let source = Reg::known(i64::from(imm) as u64);
                if self.reg(dst).is_scalar() {
                    return Ok(Some(source.num));
                }
                self.pointer_arithmetic(width, op, dst, *self.reg(dst), source, Order::PointerFirst)?;
                return Ok(None);
            }
            Source::Reg(src) => src.number(),
        };
        match (self.reg(dst).is_scalar(), self.reg(src).is_scalar()) {
            (true, true) => {
                if self.reg(dst).precise {
                    self.mark_precise(src)?;
                }
                return Ok(Some(self.reg(src).num));
            }
            (false, false) => {
                if op == AluOp::Sub && self.options.perfmon {
                    *self.reg_mut(dst) = Reg::UNKNOWN;
                    return Ok(None);
                }
                return refuse(
                    EACCES,
                    match op {
                        AluOp::Add => Message::PointerPlusPointer { reg: dst },
                        AluOp::Sub => Message::PointerMinusPointer { reg: dst },
                        _ => Message::PointerPair { reg: dst, operator: operator(op).into() },
                    },
                );
            }
            (true, false) => {
                self.mark_precise(dst)?;
                let (pointer, number) = (*self.reg(src), *self.reg(dst));
                self.pointer_arithmetic(width, op, dst, pointer, number, Order::NumberFirst)?;
                if self.rules.sums_copy_pointers && self.reg(dst).is_pointer() {
                    // The frame pointer has no marks.
                    let marks = &mut self.state.frame_mut().marks;
                    marks[usize::from(dst)] = marks.get(usize::from(src)).copied().unwrap_or_default();
                }
            }
            (false, true) => {
                self.mark_precise(src)?;
                let (pointer, number) = (*self.reg(dst), *self.reg(src));
                self.pointer_arithmetic(width, op, dst, pointer, number, Order::PointerFirst)?;
            }
        }
        Ok(None)
    }

    /// The same for the result of a move, a negation or a swap.
    pub(super) fn check_moved(&mut self, dst: Register) {
        let dst = dst.number();
        if self.reg(dst).is_scalar() {
            let mut num = self.reg(dst).num;
            self.check_number(&mut num, "alu");
            self.reg_mut(dst).num = num;
        }
    }

    /// A number whose parts contradict each other, which only paths that can't be taken lead to, loses its ranges.
    pub(super) fn check_number(&mut self, num: &mut Scalar, place: &'static str) {
        let Some(what) = num.contradiction() else {
            return;
        };
        let Scalar { bits, s64, u64, s32, u32 } = *num;
        self.note(Message::Contradiction {
            place: place.into(),
            what: what.into(),
            umin: Prefixed(u64.min),
            umax: Prefixed(u64.max),
            smin: Prefixed(s64.min as u64),
            smax: Prefixed(s64.max as u64),
            umin32: Prefixed(u32.min.into()),
            umax32: Prefixed(u32.max.into()),
            smin32: Prefixed((s32.min as u32).into()),
            smax32: Prefixed((s32.max as u32).into()),
            value: Prefixed(bits.value),
            mask: Prefixed(bits.mask),
        });
        num.forget_ranges();
    }

    /// A number that is 0 or -1, masked with a constant, is walked once as each of them.
    pub(super) fn fork_all_or_nothing(&mut self, dst: u8) -> Checked {
        let num = self.reg(dst).num;
        let whole = num.s64.min == -1 && num.s64.max == 0;
        let lower = num.s32.min == -1 && num.s32.max == 0;
        if !self.rules.forks_masks || !(whole || lower) {
            return Ok(());
        }
        self.push_branch(self.insn)?;
        let other = self.explorer.aside();
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
}

/// Whether an operation may have a constant as its second operand.
fn check_constant(width: Width, op: AluOp, imm: i32) -> Checked {
    if imm == 0 && matches!(op, AluOp::Div | AluOp::Mod | AluOp::Sdiv | AluOp::Smod) {
        return refuse(EINVAL, Message::DivisionByZero {});
    }
    let bits = if width == Width::W64 { 64 } else { 32 };
    if matches!(op, AluOp::Lsh | AluOp::Rsh | AluOp::Arsh) && !(0..bits).contains(&imm) {
        return refuse(EINVAL, Message::ShiftCount { shift: imm.into() });
    }
    Ok(())
}

/// How far an operation takes a number from those that were equal to it, if that's known and can be kept.
fn distance(width: Width, op: AluOp, source: &Scalar, rules: &Rules) -> Option<i32> {
    let moves = op == AluOp::Add || (op == AluOp::Sub && rules.linked_by_sub);
    let constant = scalar::constant(source, if rules.linked_by_sub { width } else { Width::W64 });
    let value = constant.filter(|_| moves)?;
    let value = if width == Width::W32 { i64::from(value as i32) } else { value as i64 };
    let distance = i32::try_from(value).ok().filter(|value| rules.linked_by_sub || *value >= 0)?;
    if op == AluOp::Sub { distance.checked_neg() } else { Some(distance) }
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
