//! Arithmetic with pointers.

use knockwright_asm::{AluOp, Width};

use super::arithmetic::operator;
use crate::check::MAX_VARIABLE;
use crate::machine::{Explore, Machine, Order};
use crate::message::Message;
use crate::scalar::Span;
use crate::state::{Reg, RegType};
use crate::stop::{Checked, EACCES, EINVAL, refuse};

impl<E: Explore> Machine<'_, E> {
    /// `dst = pointer op number`, or `dst = number op pointer` if the pointer is the second operand.
    pub(crate) fn pointer_arithmetic(
        &mut self,
        width: Width,
        op: AluOp,
        dst: u8,
        pointer: Reg,
        number: Reg,
        order: Order,
    ) -> Checked {
        let known = number.num.is_const();
        let contradictory = known && (!number.num.s64.is_only() || !number.num.u64.is_only());
        if contradictory || number.num.s64.min > number.num.s64.max || number.num.u64.min > number.num.u64.max
        {
            *self.reg_mut(dst) = Reg::UNKNOWN;
            return Ok(());
        }
        if width == Width::W32 && op == AluOp::Sub && self.options.perfmon {
            *self.reg_mut(dst) = Reg::UNKNOWN;
            return Ok(());
        }
        check_movable(width, op, dst, &pointer, &number)?;
        check_sane_offset(&number, &pointer)?;
        check_sane_offset(&pointer, &pointer)?;
        let moved = self.begin_move(op, dst, &pointer, &number, order)?;
        let mut result = pointer;
        result.num.s32 = Span::<i32>::FULL;
        result.num.u32 = Span::<u32>::FULL;
        // Registers keep these when a pointer moves; what differs is set below.
        result.precise = self.reg(dst).precise;
        if order == Order::NumberFirst && !self.rules.sums_copy_pointers {
            result.frame = self.reg(dst).frame;
            result.ref_id = self.reg(dst).ref_id;
        }
        self.move_pointer(op, dst, &mut result, &number, order)?;
        check_sane_offset(&result, &pointer)?;
        result.num.sync(self.rules);
        self.end_move(moved, dst, &result)?;
        *self.reg_mut(dst) = result;
        Ok(())
    }

    /// The pointer, moved by the number.
    fn move_pointer(&mut self, op: AluOp, dst: u8, result: &mut Reg, number: &Reg, order: Order) -> Checked {
        let known = number.num.is_const();
        let value = number.num.s64.min;
        let off = i64::from(result.off);
        match op {
            AluOp::Add => {
                if known && let Ok(moved) = i32::try_from(off + value) {
                    result.off = moved;
                } else {
                    result.num.add_whole(&number.num);
                    result.num.bits = result.num.bits.sum(number.num.bits);
                    if result.kind.is_packet() {
                        result.id = Some(self.new_id());
                        result.extent = 0;
                    }
                }
            }
            AluOp::Sub => {
                if order == Order::NumberFirst {
                    return refuse(EACCES, Message::ScalarMinusPointer { reg: dst });
                }
                if result.kind == RegType::Stack {
                    return refuse(EACCES, Message::StackSubtraction { reg: dst });
                }
                if known && let Ok(moved) = i32::try_from(off - value) {
                    result.off = moved;
                } else {
                    result.num.subtract_whole(&number.num);
                    result.num.bits = result.num.bits.difference(number.num.bits);
                    if result.kind.is_packet() {
                        result.id = Some(self.new_id());
                        if value < 0 {
                            result.extent = 0;
                        }
                    }
                }
            }
            AluOp::And | AluOp::Or | AluOp::Xor => {
                let operator = operator(op).into();
                return refuse(EACCES, Message::PointerBits { reg: dst, operator });
            }
            _ => {
                let operator = operator(op).into();
                return refuse(EACCES, Message::PointerOperator { reg: dst, operator });
            }
        }
        Ok(())
    }
}

/// Whether a pointer may be moved at all.
fn check_movable(width: Width, op: AluOp, dst: u8, pointer: &Reg, number: &Reg) -> Checked {
    if width == Width::W32 {
        return refuse(EACCES, Message::PointerHalf { reg: dst });
    }
    if pointer.nullable {
        let held = pointer.type_name().into();
        return refuse(EACCES, Message::OrNullArithmetic { reg: dst, held });
    }
    let may_move = match pointer.kind {
        kind if kind.is_memory() => true,
        RegType::Ctx | RegType::Func(_) => true,
        RegType::MapPtr(_) => number.num.is_const() && number.num.s64.min == 0 && op == AluOp::Add,
        _ => false,
    };
    if !may_move {
        let held = pointer.type_name().into();
        return refuse(EACCES, Message::TypeArithmetic { reg: dst, held });
    }
    Ok(())
}

/// Whether a number, or a pointer's own offset, may be added to a pointer, or be its offset afterwards.
fn check_sane_offset(reg: &Reg, pointer: &Reg) -> Checked {
    let sane = |value: i64| -MAX_VARIABLE < value && value < MAX_VARIABLE;
    let held = || pointer.type_name().into();
    if let Some(value) = reg.num.as_const()
        && !sane(value as i64)
    {
        let value = (value as i64).into();
        return refuse(EINVAL, Message::MathConstant { held: held(), value });
    }
    if !sane(i64::from(reg.off)) {
        return refuse(EINVAL, Message::PointerOffset { held: held(), value: reg.off.into() });
    }
    let low = reg.num.s64.min;
    if low == i64::MIN {
        return refuse(EINVAL, Message::UnboundedMath { held: held() });
    }
    if !sane(low) {
        return refuse(EINVAL, Message::ValueOutOfBounds { value: low.into(), held: held() });
    }
    Ok(())
}
