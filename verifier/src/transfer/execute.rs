//! One instruction: what it does to the state.

use knockwright_asm::{AluOp, Imm64, Insn, Size, SxSize};

use crate::check::{Access, Extend};
use crate::machine::{Destination, Explore, Machine, Next, PointerType};
use crate::message::Message;
use crate::state::{Reg, RegType, State};
use crate::stop::{Checked, EINVAL, Stop, refuse};

impl<E: Explore> Machine<'_, E> {
    /// Walks the current instruction.
    #[expect(clippy::too_many_lines, reason = "an arm for each instruction")]
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
            Insn::Load { size, dst, base, off } => self.load(size, dst, base, off, Extend::Zeros)?,
            Insn::LoadSx { size, dst, base, off } => {
                let size = match size {
                    SxSize::S8 => Size::U8,
                    SxSize::S16 => Size::U16,
                    SxSize::S32 => Size::U32,
                };
                self.load(size, dst, base, off, Extend::Sign)?;
            }
            Insn::Store { size, base, off, src } => self.store(size, base, off, src)?,
            Insn::StoreImm { size, base, off, .. } => {
                self.read_reg(base.number())?;
                let pointer = PointerType::of(self.reg(base.number()));
                self.access_memory(base.number(), i32::from(off), size.bytes(), Access::Write(None))?;
                self.same_pointer_type(pointer)?;
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
                self.explorer.count_jump();
                return Ok(Next::Jump(landing(at, i32::from(off))));
            }
            Insn::GotoLong { off } => {
                self.explorer.count_jump();
                return Ok(Next::Jump(landing(at, off)));
            }
            Insn::GotoRegister { .. } => return Err(Stop::unsupported("indirect jump")),
            Insn::MayGoto { off } => {
                self.explorer.count_jump();
                if off == 0 && !self.rules.may_goto_goes_nowhere {
                    return self.refuse_may_goto();
                }
                let mut other = std::mem::replace(self.push_round(at + 1)?, State::empty());
                other.may_goto_depth += 1;
                self.explorer.widen_round(&mut other, at);
                *self.explorer.aside() = other;
                return Ok(Next::Jump(landing(at, i32::from(off))));
            }
            Insn::JumpIf { width, cond, dst, src, off } => {
                self.explorer.count_jump();
                return self.jump_if(width, cond, dst, src, landing(at, i32::from(off)));
            }
            Insn::CallHelper { helper } => {
                self.explorer.count_jump();
                let next = self.call_helper(helper)?;
                self.show_reg(0);
                return Ok(next);
            }
            Insn::CallLocal { off } => {
                self.explorer.count_jump();
                let next = self.call_function(landing(at, off))?;
                self.show_reg(0);
                return Ok(next);
            }
            Insn::CallKfunc { .. } => return Err(Stop::unsupported("kfunc call")),
            Insn::Exit => {
                self.explorer.count_jump();
                return self.exit();
            }
        }
        Ok(Next::Follow)
    }

    fn load_imm64(&mut self, dst: u8, value: Imm64) -> Checked {
        self.write_reg(dst, Destination::Later)?;
        let loaded = match value {
            Imm64::Const(value) => Reg::known(value),
            Imm64::MapIdx(index) => Reg::pointer(RegType::MapPtr(index as u16)),
            Imm64::MapIdxValue { idx, off } => Reg { off, ..Reg::pointer(RegType::MapValue(idx as u16)) },
            Imm64::Func(distance) => {
                let start = landing(self.insn, distance);
                let number = self.structure.starts.iter().position(|&known| known == start).unwrap_or(0);
                if self.subject.functions.is_empty() {
                    return refuse(EINVAL, Message::NoFuncInfo {});
                }
                if self.subject.functions.get(number).is_some_and(|function| function.global) {
                    return refuse(EINVAL, Message::CallbackGlobal {});
                }
                Reg::pointer(RegType::Func(number as u16))
            }
            _ => return Err(Stop::unsupported("ld_imm64 of this kind")),
        };
        *self.reg_mut(dst) = loaded;
        Ok(())
    }
}

/// The slot that a jump of a distance leads to.
pub(crate) fn landing(at: usize, distance: i32) -> usize {
    (at as i64 + 1 + i64::from(distance)) as usize
}
