//! Calls of functions of the program, the end of functions and of the program, and classic packet loads.

use std::borrow::Cow;

use knockwright_asm::linux::prog_type::Results;

use crate::check::End;
use crate::machine::{Event, Explore, Machine, Next};
use crate::message::Message;
use crate::scalar::Span;
use crate::state::{Frame, MAX_FRAMES, Reg, RegType};
use crate::stop::{Checked, E2BIG, EACCES, EINVAL, Stop, refuse};

impl<E: Explore> Machine<'_, E> {
    pub(crate) fn call_function(&mut self, target: usize) -> Checked<Next> {
        let Some(number) = self.structure.starts.iter().position(|&start| start == target) else {
            return Err(Stop::unsupported("call into a function's middle"));
        };
        if self.subject.functions.get(number).is_some_and(|function| function.global) {
            return Err(Stop::unsupported("call of a global function"));
        }
        self.check_arguments(number)?;
        let depth = self.state.frames.len();
        if depth >= MAX_FRAMES {
            return refuse(E2BIG, Message::CallDepth { frames: (depth + 1).into() });
        }
        let mut callee = Frame::new(depth as u8, Some(self.insn), number);
        callee.regs[1..6].copy_from_slice(&self.state.frame().regs[1..6]);
        callee.marks[1..6].copy_from_slice(&self.state.frame().marks[1..6]);
        self.forget_caller_saved();
        self.hold_references();
        self.state.frames.push(callee);
        self.show_everything();
        self.explorer.function_is_entered(self.insn, number);
        self.tell(Event::Call { callee: depth });
        Ok(Next::Jump(target))
    }

    /// The innermost frame calls another.
    fn hold_references(&mut self) {
        if self.rules.references_by_frame {
            self.state.frame_mut().held = Some(self.state.references.clone());
        }
    }

    pub(crate) fn exit(&mut self) -> Checked<Next> {
        if self.state.frames.len() > 1 {
            self.check_no_references(End::Exit)?;
            let next = self.return_to_caller()?;
            self.changes.whole = true;
            return Ok(next);
        }
        self.check_no_references(End::Exit)?;
        self.read_reg(0)?;
        if self.is_secret_pointer(0) {
            return refuse(EACCES, Message::AddressReturned { reg: 0 });
        }
        let results = self.subject.prog_type.results(None, self.rules.version);
        if let Some(Results::Within(low, high)) = results {
            let reg = *self.reg(0);
            if !reg.is_scalar() {
                return refuse(EINVAL, Message::ResultPointer { reg: 0, held: reg.type_name().into() });
            }
            let message = |value, range| Message::ResultRange { reg: 0, value, range };
            self.check_result(low.into(), high.into(), message)?;
        }
        Ok(Next::End)
    }

    /// Whether R0 lies in a range; the message is made of what it is and of the range.
    fn check_result(
        &mut self,
        low: i64,
        high: i64,
        message: fn(Cow<'static, str>, Cow<'static, str>) -> Message,
    ) -> Checked {
        self.mark_precise(0)?;
        let reg = *self.reg(0);
        if low <= reg.num.s64.min && reg.num.s64.max <= high {
            return Ok(());
        }
        let Span { min, max } = reg.num.s64;
        let value = match (min > i64::MIN, max < i64::MAX) {
            (true, true) => format!("smin={min} smax={max}").into(),
            (true, false) => format!("smin={min}").into(),
            (false, true) => format!("smax={max}").into(),
            (false, false) => "unknown scalar value".into(),
        };
        refuse(EINVAL, message(value, format!("[{low}, {high}]").into()))
    }

    /// The program that a tail call leads to ends the function with any result; where the call fails, the function goes on.
    pub(crate) fn tail_call_returns(&mut self) -> Checked<Next> {
        self.push_rest()?;
        self.forget_packet();
        *self.reg_mut(0) = Reg::UNKNOWN;
        self.return_to_caller()
    }

    /// The function goes on after the current instruction, which may end it too: that is put aside.
    fn push_rest(&mut self) -> Checked {
        self.show_reg(0);
        if self.explorer.has_all_branches() {
            // Here some kernels drop the branch and go on.
            return Err(Stop::unsupported("more branches after tail calls than are remembered"));
        }
        self.push_branch(self.insn + 1)?;
        Ok(())
    }

    fn return_to_caller(&mut self) -> Checked<Next> {
        let depth = self.state.depth();
        let result = *self.reg(0);
        let callsite = self.state.frame().callsite.unwrap_or_default();
        let called_back = self.state.frame().in_callback;
        self.explorer.function_ends();
        if result.kind == RegType::Stack {
            return refuse(EINVAL, Message::ReturnedStack {});
        }
        if called_back {
            if !result.is_scalar() {
                return refuse(EACCES, Message::CallbackPointer { reg: 0 });
            }
            self.note_read(0);
            let (low, high) = self.state.frame().callback_result;
            let message = |value, range| Message::CallbackResult { reg: 0, value, range };
            self.check_result(low.into(), high.into(), message)?;
        } else {
            self.state.frames[depth - 1].regs[0] = result;
            self.state.frames[depth - 1].marks[0] = self.state.frame().marks[0];
        }
        self.explorer.function_is_left();
        let next = if called_back { callsite } else { callsite + 1 };
        self.tell(Event::Return { callee: depth });
        // A callback leaves everything as it was before.
        if let Some(held) = self.state.frames[depth - 1].held.take()
            && called_back
        {
            self.state.references = held;
        }
        self.tell(Event::Caller { caller: depth - 1, next });
        self.state.frames.pop();
        if called_back {
            self.explorer.widen(&mut self.state, next);
        }
        Ok(Next::Jump(next))
    }

    /// Classic packet loads.
    ///
    /// Where there is nothing to load they end the function that they stand in, with 0.
    pub(crate) fn load_from_packet(&mut self, src: Option<u8>) -> Checked<Next> {
        if !self.subject.prog_type.rules().is_some_and(|rules| rules.classic_loads) {
            return refuse(EINVAL, Message::LegacyLoad {});
        }
        let in_callback = self.state.frames.iter().any(|frame| frame.in_callback);
        if self.rules.callbacks_load_no_packet && in_callback {
            return refuse(EINVAL, Message::LegacyLoadInCallback {});
        }
        self.read_reg(6)?;
        self.check_no_references(End::PacketLoad)?;
        if self.reg(6).kind != RegType::Ctx {
            return refuse(EINVAL, Message::LegacyLoadContext {});
        }
        if let Some(src) = src {
            self.read_reg(src)?;
        }
        self.check_no_offset(6)?;
        self.forget_caller_saved();
        *self.reg_mut(0) = Reg::UNKNOWN;
        if self.rules.packet_loads_return && self.state.frames.len() > 1 {
            self.push_rest()?;
            *self.reg_mut(0) = Reg::known(0);
            return self.return_to_caller();
        }
        Ok(Next::Follow)
    }
}
