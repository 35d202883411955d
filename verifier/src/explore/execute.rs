//! One instruction: what it does to the state.

use knockwright_asm::{AluOp, Imm64, Insn, Size, SxSize};

use super::walker::{Next, Walker};
use crate::check::memory::Access;
use crate::message::Message;
use crate::state::{Kind, Link, Reg};
use crate::stop::{Checked, EACCES, EINVAL, Stop, refuse};

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
            Insn::Alu { width, op: AluOp::Mov, dst, src } => {
                self.move_to(width, dst, src)?;
                self.check_moved(dst);
            }
            Insn::Alu { width, op, dst, src } => self.arithmetic(width, op, dst, src)?,
            Insn::Neg { width, dst } => {
                self.negate(width, dst)?;
                self.check_moved(dst);
            }
            Insn::MovSx { from, dst, src } => {
                self.move_extended(from, dst, src)?;
                self.check_moved(dst);
            }
            Insn::ToEndian { order, bits, dst } => {
                self.swap(Some(order), bits, dst)?;
                self.check_moved(dst);
            }
            Insn::Bswap { bits, dst } => {
                self.swap(None, bits, dst)?;
                self.check_moved(dst);
            }
            Insn::AddrSpaceCast { .. } => {
                // Maps of kind arena aren't modelled, so there is none.
                return refuse(EINVAL, Message::AddressSpaceWithoutArena {});
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
            Insn::LoadAbs { .. } => return self.load_from_packet(None),
            Insn::LoadInd { src, .. } => return self.load_from_packet(Some(src.number())),
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
            Insn::GotoRegister { .. } => return Err(Stop::unsupported("indirect jump")),
            Insn::MayGoto { off } => {
                self.counters.jumps += 1;
                if off == 0 && !self.rules.may_goto_goes_nowhere {
                    return self.refuse_may_goto();
                }
                self.push_round(at + 1)?;
                // The newest checkpoint is the one made at this visit: it doesn't count.
                let earlier = self.earlier_visit(at, self.depth.saturating_sub(1));
                let mut other = self.pending.pop().expect("just pushed");
                other.state.may_goto_depth += 1;
                if let Some(earlier) = earlier {
                    self.widen(earlier, &mut other.state);
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
            return refuse(EINVAL, Message::InvalidRegister { reg: number });
        }
        self.show_reg(number);
        if self.reg(number).kind == Kind::NotInit {
            return refuse(EACCES, Message::NotReadable { reg: number });
        }
        self.note_read(number);
        Ok(())
    }

    /// Writes a register: it must not be the frame pointer.
    pub(crate) fn write_reg(&mut self, number: u8, how: Destination) -> Checked {
        if number > 10 {
            return refuse(EINVAL, Message::InvalidRegister { reg: number });
        }
        self.show_reg(number);
        if number == 10 {
            return refuse(EACCES, Message::FramePointer {});
        }
        self.note_write(number);
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
                    return refuse(EINVAL, Message::NoFuncInfo {});
                }
                if self.subject.functions.get(number).is_some_and(|function| function.global) {
                    return refuse(EINVAL, Message::CallbackGlobal {});
                }
                Reg::pointer(Kind::Func(number as u16))
            }
            _ => return Err(Stop::unsupported("ld_imm64 of this kind")),
        };
        *self.reg_mut(dst) = loaded;
        Ok(())
    }

    /// Whether a register is a pointer that must not become a number.
    pub(crate) fn is_secret_pointer(&self, number: u8) -> bool {
        !self.options.perfmon && !self.reg(number).is_scalar()
    }
}

/// The slot that a jump of a distance leads to.
pub(crate) fn landing(at: usize, distance: i32) -> usize {
    (at as i64 + 1 + i64::from(distance)) as usize
}
