//! Functions that helpers call back.

use crate::machine::{Explore, Machine};
use crate::message::Message;
use crate::state::{Frame, MAX_FRAMES, Mark, Reg, RegType};
use crate::stop::{Checked, E2BIG, EFAULT, ENOTSUPP, Stop, refuse};

/// What a function that is called back finds in a register.
#[derive(Debug, Clone, Copy)]
struct Argument {
    reg: Reg,
    mark: Mark,
}

impl Argument {
    /// A value that the helper makes.
    fn new(reg: Reg) -> Self {
        Self { reg, mark: Mark::default() }
    }

    /// A value that the caller gave the helper.
    fn from_caller<E>(machine: &Machine<'_, E>, number: u8) -> Self {
        Self { reg: *machine.reg(number), mark: machine.state.frame().marks[usize::from(number)] }
    }
}

impl<E: Explore> Machine<'_, E> {
    /// `bpf_loop`: the function is called as often as R1 says, with the round's number and R3.
    pub(crate) fn call_back_in_loop(&mut self, function: u16) -> Checked {
        self.look_for_inlining(function)?;
        if !self.reg(1).is_scalar() {
            // Nothing keeps a program from giving a pointer; the walk back refuses to look for one.
            return refuse(EFAULT, Message::BackForPointer {});
        }
        self.mark_precise(1)?;
        if u64::from(self.state.frame().callback_depth) < self.reg(1).num.u64.max {
            let context = Argument::from_caller(self, 3);
            return self.call_back(function, &[Argument::new(Reg::UNKNOWN), context]);
        }
        self.state.frame_mut().callback_depth = 0;
        let depth = self.state.depth();
        self.explorer.note_in_full(Message::LoopLimit { frame: depth.into() });
        Ok(())
    }

    /// A call of `bpf_loop` is made part of the code if it has no flags and the same function on every path; what isn't
    /// such a call any more isn't looked at again.
    fn look_for_inlining(&mut self, function: u16) -> Checked {
        let before = self.found.inlined_loop(self.insn);
        if before == Some(None) {
            return Ok(());
        }
        let plain = self.reg(4).is_zero();
        if plain {
            // The kernel doesn't look whether the walk back came to a good end.
            match self.mark_precise(4) {
                Err(stop @ Stop::Reject(_)) => self.say(&stop),
                other => other?,
            }
        }
        let same = before.flatten().is_none_or(|known| known == function);
        self.found.set_inlined_loop(self.insn, Some(function).filter(|_| plain && same));
        Ok(())
    }

    /// `bpf_for_each_map_elem`: the function is called with the map, a key, a value and R3.
    pub(crate) fn call_back_for_each(&mut self, function: u16, map: u16) -> Checked {
        let (first, context) = (Argument::from_caller(self, 1), Argument::from_caller(self, 3));
        let new = |kind| Argument::new(Reg::pointer(kind));
        self.call_back(function, &[first, new(RegType::MapKey(map)), new(RegType::MapValue(map)), context])?;
        if !self.subject.maps[usize::from(map)].map_type.facts().each {
            return refuse(ENOTSUPP, Message::CallbackMap {});
        }
        Ok(())
    }

    /// Puts a call of a function by a helper aside.
    fn call_back(&mut self, function: u16, arguments: &[Argument]) -> Checked {
        let function = usize::from(function);
        self.check_arguments(function)?;
        let depth = self.state.frames.len();
        let start = self.structure.starts[function];
        self.push_round(start)?;
        if depth >= MAX_FRAMES {
            return refuse(E2BIG, Message::CallDepth { frames: (depth + 1).into() });
        }
        let mut frame = Frame::new(depth as u8, Some(self.insn), function);
        frame.in_callback = true;
        frame.callback_result = (0, 1);
        for (index, argument) in arguments.iter().enumerate() {
            frame.regs[index + 1] = argument.reg;
            frame.marks[index + 1] = argument.mark;
        }
        let held = Some(self.state.references.clone()).filter(|_| self.rules.references_by_frame);
        let pending = self.explorer.aside();
        pending.frame_mut().held = held;
        pending.frame_mut().callback_depth += 1;
        pending.callback_unroll_depth += 1;
        pending.frames.push(frame);
        self.state.frame_mut().callback_depth = 0;
        self.show_everything();
        Ok(())
    }
}
