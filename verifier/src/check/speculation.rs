//! Loads without CAP_PERFMON: what the processor may do on a path that it takes by mistake must be harmless too.
//!
//! Source: `Documentation/admin-guide/hw-vuln/spectre.rst`, and what kernels 6.12 and 6.18 do.

use knockwright_asm::{AluOp, Source};

use crate::explore::walker::Walker;
use crate::message::{Bits, Message};
use crate::state::{Kind, Reg};
use crate::stop::{Checked, EACCES, EINVAL, EPERM, Stop, refuse};

/// What is known of an instruction with regard to speculation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Barrier {
    /// Speculation ends before it, since it would do what isn't allowed.
    pub(crate) before: bool,
    /// Speculation ends behind it.
    pub(crate) behind: bool,
    /// How its pointer arithmetic is masked.
    mask: Option<Mask>,
}

/// How an addition or subtraction is made safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mask {
    /// It has no pointer.
    Numbers,
    /// The offset is kept below a limit.
    Pointer { negative: bool, known: bool, pointer_first: bool, limit: u32 },
}

/// The size of a frame's stack in bytes.
const MAX_STACK: i64 = 512;

/// Pointer arithmetic under way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Masking {
    op: AluOp,
    dst: u8,
    pointer_first: bool,
    to_the_left: bool,
    before: Option<(Mask, i64)>,
}

fn verb(op: AluOp) -> &'static str {
    if op == AluOp::Add { "add" } else { "sub" }
}

impl Walker<'_> {
    /// Whether an error is one that a barrier prevents: the processor never gets to the instruction.
    pub(crate) fn ends_speculation(&mut self, stop: &Stop) -> bool {
        let prevented =
            matches!(stop, Stop::Reject(refusal) if matches!(refusal.errno, EPERM | EACCES | EINVAL));
        if !self.state.speculative || !self.rules.speculation_barriers || !prevented {
            return false;
        }
        let barrier = &mut self.barriers[self.insn];
        barrier.before = true;
        barrier.mask = None;
        true
    }

    /// The other side of a jump that is decided, which the processor may take nevertheless.
    pub(crate) fn speculate_jump(&mut self, to: usize, dst: u8, src: Option<u8>) -> Checked {
        if self.options.perfmon {
            return Ok(());
        }
        self.push_speculation(to)?;
        let frame = self.pending.last_mut().expect("just pushed").state.frame_mut();
        for number in [Some(dst), src].into_iter().flatten() {
            frame.regs[usize::from(number)] = Reg::UNKNOWN;
        }
        Ok(())
    }

    /// Before pointer arithmetic: whether its offset can be masked. The pointer that the mask leaves where it was has a path
    /// of its own.
    pub(crate) fn begin_masking(
        &mut self,
        op: AluOp,
        dst: u8,
        pointer: &Reg,
        number: &Reg,
        number_first: bool,
    ) -> Checked<Option<Masking>> {
        let by_register = matches!(
            self.structure.insns[self.insn],
            Some(knockwright_asm::Insn::Alu { src: Source::Reg(_), .. })
        );
        if self.options.perfmon || !matches!(op, AluOp::Add | AluOp::Sub) || !by_register {
            return Ok(None);
        }
        let known = number.num.is_const();
        let negative = number.num.s64.min < 0;
        let mut masking = Masking {
            op,
            dst,
            pointer_first: !number_first,
            to_the_left: (op == AluOp::Add) == negative,
            before: None,
        };
        if !self.state.speculative {
            if !known && (number.num.s64.min < 0) != (number.num.s64.max < 0) {
                let source = self.source_register();
                let number = if number_first { dst } else { source };
                return refuse(EACCES, Message::SpeculativeSigns { reg: number });
            }
            let limit = self.mask_limit(pointer, &masking)?;
            let mask = Mask::Pointer { negative, known, pointer_first: !number_first, limit: 0 };
            masking.before = Some((mask, limit));
            self.masks_matter |= !known;
        }
        if !known {
            self.push_speculation(self.insn + 1)?;
            let mut unmoved = *pointer;
            if !number_first {
                unmoved.num.s32 = crate::scalar::Span::<i32>::FULL;
                unmoved.num.u32 = crate::scalar::Span::<u32>::FULL;
            }
            let frame = self.pending.last_mut().expect("just pushed").state.frame_mut();
            frame.regs[usize::from(dst)] = unmoved;
        }
        Ok(Some(masking))
    }

    /// After pointer arithmetic: whether the result is in bounds, and the mask the same as on other paths.
    pub(crate) fn end_masking(&mut self, masking: Option<Masking>, dst: u8, result: &Reg) -> Checked {
        if self.options.perfmon {
            return Ok(());
        }
        self.check_bounds_of(dst, result)?;
        let Some(masking) = masking else {
            return Ok(());
        };
        let Some((mask, before)) = masking.before else {
            return Ok(());
        };
        let limit = self.mask_limit(result, &masking)?;
        let Mask::Pointer { negative, known, pointer_first, .. } = mask else {
            return Ok(());
        };
        let limit = (before - limit).unsigned_abs() as u32;
        self.settle_mask(masking.dst, masking.op, Mask::Pointer { negative, known, pointer_first, limit })
    }

    /// An addition or subtraction of numbers must not be one of pointers on another path.
    pub(crate) fn mask_numbers(&mut self, op: AluOp, dst: u8, by_register: bool) -> Checked {
        if self.options.perfmon || !by_register || !matches!(op, AluOp::Add | AluOp::Sub) {
            return Ok(());
        }
        self.settle_mask(dst, op, Mask::Numbers)
    }

    fn settle_mask(&mut self, dst: u8, op: AluOp, mask: Mask) -> Checked {
        let seen = &mut self.barriers[self.insn].mask;
        if seen.is_some_and(|seen| seen != mask) {
            return refuse(EACCES, Message::SpeculativePaths { reg: dst, operator: verb(op).into() });
        }
        *seen = Some(mask);
        Ok(())
    }

    fn source_register(&self) -> u8 {
        self.subject.slots[self.insn].src
    }

    /// How far a pointer may move.
    fn mask_limit(&mut self, pointer: &Reg, masking: &Masking) -> Checked<i64> {
        let (limit, end) = match pointer.kind {
            Kind::Stack => {
                let place = (pointer.num.bits.value as i64).wrapping_add(i64::from(pointer.off));
                (place.wrapping_neg(), MAX_STACK + i64::from(masking.to_the_left))
            }
            Kind::MapValue(map) => {
                let moved =
                    if masking.to_the_left { pointer.num.s64.min } else { pointer.num.u64.max as i64 };
                let size = self.subject.maps[usize::from(map)].value_size;
                (moved.wrapping_add(i64::from(pointer.off)), i64::from(size))
            }
            _ => {
                let number = if masking.pointer_first { masking.dst } else { self.source_register() };
                return refuse(EACCES, Message::SpeculativeKind { reg: number });
            }
        };
        // Both are unsigned 32-bit numbers to the kernel: what is negative is beyond any end.
        if u64::from(limit as u32) >= end as u64 {
            let (reg, operator) = (masking.dst, verb(masking.op).into());
            return refuse(EACCES, Message::SpeculativeBounds { reg, operator });
        }
        Ok(limit)
    }

    /// Where a pointer may point to at all.
    fn check_bounds_of(&mut self, number: u8, result: &Reg) -> Checked {
        match result.kind {
            Kind::Stack => {
                let off = i64::from(result.off).wrapping_add(result.num.bits.value as i64) as i32;
                if !result.num.is_const() {
                    let (var_off, off) = (Bits(result.num.bits), off.into());
                    return refuse(EACCES, Message::StackVariesUnprivileged { reg: number, var_off, off });
                }
                if off >= 0 || i64::from(off) < -MAX_STACK {
                    return refuse(EACCES, Message::SpeculativeStack { reg: number, off: off.into() });
                }
                Ok(())
            }
            Kind::MapValue(map) => {
                let size = self.subject.maps[usize::from(map)].value_size;
                let held = std::mem::replace(self.reg_mut(number), *result);
                let checked = self.check_region(number, result.off, 1, size, false);
                *self.reg_mut(number) = held;
                checked.map_err(|stop| stop.then(Message::SpeculativeValue { reg: number }))
            }
            _ => Ok(()),
        }
    }
}
