//! Loads without CAP_PERFMON: what the processor may do on a path that it takes by mistake must be harmless too.
//!
//! The rules are those of `docs/verifier-rules.md`, "What the processor does by mistake".
//! Source: `Documentation/admin-guide/hw-vuln/spectre.rst`, and what kernels 6.12 and 6.18 do.

use knockwright_asm::{AluOp, Insn, Source};

use super::memory::{Empty, check_region_of};
use crate::machine::{Explore, Machine, Mask, Offset, Order};
use crate::message::{Bits, Message};
use crate::scalar::Span;
use crate::state::{MAX_STACK, Reg, RegType};
use crate::stop::{Checked, EACCES, EINVAL, EPERM, Stop, refuse};

/// A pointer that a register moves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Move {
    op: AluOp,
    dst: u8,
    order: Order,
    offset: Offset,
    /// Where the pointer was, if this is a path that the program takes.
    from: Option<i64>,
}

impl Move {
    /// Whether it goes to lower addresses.
    fn is_down(&self) -> bool {
        (self.op == AluOp::Add) == self.offset.negative
    }
}

fn verb(op: AluOp) -> &'static str {
    if op == AluOp::Add { "add" } else { "sub" }
}

impl<E: Explore> Machine<'_, E> {
    /// Whether an error is one that a barrier prevents: the processor never gets to the instruction.
    pub(crate) fn ends_speculation(&mut self, stop: &Stop) -> bool {
        let prevented =
            matches!(stop, Stop::Reject(refusal) if matches!(refusal.errno, EPERM | EACCES | EINVAL));
        if !self.state.speculative || !self.rules.speculation_barriers || !prevented {
            return false;
        }
        let barrier = self.found.barrier_mut(self.insn);
        barrier.before = true;
        barrier.mask = None;
        true
    }

    /// The other side of a jump that is decided, which the processor may take nevertheless.
    pub(crate) fn speculate_jump(&mut self, to: usize, dst: u8, src: Option<u8>) -> Checked {
        if self.options.perfmon {
            return Ok(());
        }
        let frame = self.push_speculation(to)?.frame_mut();
        for number in [Some(dst), src].into_iter().flatten() {
            frame.regs[usize::from(number)] = Reg::UNKNOWN;
        }
        Ok(())
    }

    /// Before pointer arithmetic: whether its offset can be masked. The pointer that the mask leaves where it was has a path
    /// of its own.
    pub(crate) fn begin_move(
        &mut self,
        op: AluOp,
        dst: u8,
        pointer: &Reg,
        number: &Reg,
        order: Order,
    ) -> Checked<Option<Move>> {
        let insn = self.structure.insns[self.insn].as_ref();
        let by_register = matches!(insn, Some(Insn::Alu { src: Source::Reg(_), .. }));
        if self.options.perfmon || !matches!(op, AluOp::Add | AluOp::Sub) || !by_register {
            return Ok(None);
        }
        let range = number.num.s64;
        let offset = Offset { known: number.num.is_const(), negative: range.min < 0 };
        let mut moved = Move { op, dst, order, offset, from: None };
        if !self.state.speculative {
            if !offset.known && offset.negative != (range.max < 0) {
                let reg = match order {
                    Order::NumberFirst => dst,
                    Order::PointerFirst => self.source_register(),
                };
                return refuse(EACCES, Message::SpeculativeSigns { reg });
            }
            moved.from = Some(self.place(pointer, &moved)?);
            if !offset.known {
                self.found.add_varying_mask();
            }
        }
        if !offset.known {
            let mut unmoved = *pointer;
            if order == Order::PointerFirst {
                unmoved.num.s32 = Span::<i32>::FULL;
                unmoved.num.u32 = Span::<u32>::FULL;
            }
            let frame = self.push_speculation(self.insn + 1)?.frame_mut();
            frame.regs[usize::from(dst)] = unmoved;
        }
        Ok(Some(moved))
    }

    /// After pointer arithmetic: whether the result is in bounds, and the mask the same as on other paths.
    pub(crate) fn end_move(&mut self, moved: Option<Move>, dst: u8, result: &Reg) -> Checked {
        if self.options.perfmon {
            return Ok(());
        }
        self.check_bounds_of(dst, result)?;
        let Some(moved @ Move { from: Some(from), .. }) = moved else {
            return Ok(());
        };
        let distance = (from - self.place(result, &moved)?).unsigned_abs() as u32;
        let Move { op, dst, order, offset, .. } = moved;
        self.settle_mask(dst, op, Mask::Pointer { offset, order, distance })
    }

    /// An addition or subtraction of numbers must not be one of pointers on another path.
    pub(crate) fn mask_numbers(&mut self, op: AluOp, dst: u8, src: Source) -> Checked {
        let by_register = matches!(src, Source::Reg(_));
        if self.options.perfmon || !by_register || !matches!(op, AluOp::Add | AluOp::Sub) {
            return Ok(());
        }
        self.settle_mask(dst, op, Mask::Numbers)
    }

    fn settle_mask(&mut self, dst: u8, op: AluOp, mask: Mask) -> Checked {
        let seen = &mut self.found.barrier_mut(self.insn).mask;
        if seen.is_some_and(|seen| seen != mask) {
            return refuse(EACCES, Message::SpeculativePaths { reg: dst, operator: verb(op).into() });
        }
        *seen = Some(mask);
        Ok(())
    }

    fn source_register(&self) -> u8 {
        self.subject.slots[self.insn].src
    }

    /// How far a pointer is from the edge that a mask keeps it off: from the frame's top, or from the object's start. It must
    /// be less than the object's size.
    fn place(&self, pointer: &Reg, moved: &Move) -> Checked<i64> {
        let (from_edge, size) = match pointer.kind {
            RegType::Stack => {
                let below_top =
                    (pointer.num.bits.value as i64).wrapping_add(pointer.off.into()).wrapping_neg();
                (below_top, MAX_STACK as i64 + i64::from(moved.is_down()))
            }
            RegType::MapValue(map) => {
                let farthest = if moved.is_down() { pointer.num.s64.min } else { pointer.num.u64.max as i64 };
                (
                    farthest.wrapping_add(pointer.off.into()),
                    self.subject.maps[usize::from(map)].value_size.into(),
                )
            }
            _ => {
                let reg = match moved.order {
                    Order::PointerFirst => moved.dst,
                    Order::NumberFirst => self.source_register(),
                };
                return refuse(EACCES, Message::SpeculativeKind { reg });
            }
        };
        // To the kernel both are unsigned numbers of 32 bits: what is negative is beyond any edge.
        if i64::from(from_edge as u32) < size {
            return Ok(from_edge);
        }
        refuse(EACCES, Message::SpeculativeBounds { reg: moved.dst, operator: verb(moved.op).into() })
    }

    /// Where a pointer may point to at all.
    fn check_bounds_of(&self, number: u8, result: &Reg) -> Checked {
        match result.kind {
            RegType::Stack => {
                let off = i64::from(result.off).wrapping_add(result.num.bits.value as i64) as i32;
                if !result.num.is_const() {
                    let (var_off, off) = (Bits(result.num.bits), off.into());
                    return refuse(EACCES, Message::StackVariesUnprivileged { reg: number, var_off, off });
                }
                if !(-(MAX_STACK as i64)..0).contains(&off.into()) {
                    return refuse(EACCES, Message::SpeculativeStack { reg: number, off: off.into() });
                }
                Ok(())
            }
            RegType::MapValue(map) => {
                let size = self.subject.maps[usize::from(map)].value_size;
                check_region_of((number, result), result.off, 1, size, Empty::Refused)
                    .map_err(|stop| stop.then(Message::SpeculativeValue { reg: number }))
            }
            _ => Ok(()),
        }
    }
}
