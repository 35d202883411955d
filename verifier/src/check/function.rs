//! Calls of functions of the program, the end of functions and of the program, and odd instructions.

use std::borrow::Cow;

use knockwright_asm::linux::prog_type::Results;
use knockwright_asm::{DataType, ProgType};

use super::call::End;
use crate::btf::{is_context, is_number};
use crate::explore::execute::Destination;
use crate::explore::walker::{Next, Walker};
use crate::message::{Message, Opcode};
use crate::program::{ADDRESS_SPACES, ORDERED_ACCESSES};
use crate::scalar::Span;
use crate::state::{Frame, Kind, Mark, Reg, State};
use crate::stop::{Checked, E2BIG, EACCES, EFAULT, EINVAL, ENOTSUPP, Stop, refuse};

/// The most frames.
const MAX_FRAMES: usize = 8;

/// What the verifier can ask of an argument of a static function.
#[derive(Debug, Clone, Copy)]
enum Expected {
    Number,
    Context,
}

impl Expected {
    fn of(ty: &DataType, prog_type: ProgType) -> Option<Self> {
        match ty {
            ty if is_number(ty) => Some(Self::Number),
            ty if is_context(ty, prog_type) => Some(Self::Context),
            _ => None,
        }
    }
}

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
    fn from_caller(walker: &Walker<'_>, number: u8) -> Self {
        Self { reg: *walker.reg(number), mark: walker.state.frame().marks[usize::from(number)] }
    }
}

/// Whether an offset of a value says nothing against it as an argument.
fn may_have_offset(reg: &Reg) -> bool {
    matches!(
        reg.kind,
        Kind::Scalar
            | Kind::Stack
            | Kind::Packet
            | Kind::PacketMeta
            | Kind::MapKey(_)
            | Kind::MapValue(_)
            | Kind::Mem
    ) && !reg.nullable
}

impl Walker<'_> {
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
        for reg in 0..6 {
            *self.reg_mut(reg) = Reg::NOT_INIT;
            self.show_reg(reg);
            self.note_write(reg);
        }
        self.hold_references();
        self.state.frames.push(callee);
        self.show_everything();
        if self.rules.live_stack {
            self.live_stack.enter(self.structure, self.insn, number);
        }
        self.show_call(depth);
        Ok(Next::Jump(target))
    }

    /// The innermost frame calls another.
    fn hold_references(&mut self) {
        if self.rules.references_by_frame {
            self.state.frame_mut().held = Some(self.state.references.clone());
        }
    }

    /// Whether the arguments of a call are what the function's BTF says; if they aren't, the BTF isn't asked any more.
    fn check_arguments(&mut self, function: usize) -> Checked {
        let Some(info) = self.subject.functions.get(function) else {
            return Ok(());
        };
        if self.unreliable[function] {
            return Ok(());
        }
        let params = &info.prototype.params;
        let mut expected = [Expected::Number; 5];
        if params.len() > expected.len() || !info.returns_number() {
            self.unreliable[function] = true;
            return Ok(());
        }
        for (index, (param, expected)) in params.iter().zip(&mut expected).enumerate() {
            // The tag is looked at before the type, and nothing else after it.
            if info.is_tagged(index) {
                self.unreliable[function] = true;
                self.note(Message::ArgumentTag { arg: index.into() });
                return Ok(());
            }
            match Expected::of(&param.ty, self.subject.prog_type) {
                Some(found) => *expected = found,
                None => {
                    self.unreliable[function] = true;
                    return Ok(());
                }
            }
        }
        for (index, expected) in expected[..params.len()].iter().enumerate() {
            if !self.is_expected(index, *expected) {
                self.unreliable[function] = true;
                return Ok(());
            }
        }
        Ok(())
    }

    /// Whether an argument is what the function's BTF says; says so if it isn't.
    fn is_expected(&mut self, index: usize, expected: Expected) -> bool {
        let number = index as u8 + 1;
        match expected {
            Expected::Number if self.reg(number).is_scalar() => true,
            Expected::Number => {
                self.note(Message::ArgumentNotNumber { reg: number });
                false
            }
            // Most pointers may have an offset; the check that others have none speaks first.
            Expected::Context if !may_have_offset(self.reg(number)) => {
                if let Err(stop) = self.check_fixed_offset(number, false) {
                    self.say(&stop);
                    return false;
                }
                let fits = self.reg(number).kind == Kind::Ctx;
                if !fits {
                    self.note(Message::ArgumentNotContext { arg: index.into() });
                }
                fits
            }
            Expected::Context => {
                self.note(Message::ArgumentNotContext { arg: index.into() });
                false
            }
        }
    }

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
        if self.level_two {
            let depth = self.state.depth();
            self.note(Message::LoopLimit { frame: depth.into() });
        }
        Ok(())
    }

    /// A call of `bpf_loop` is made part of the code if it has no flags and the same function on every path; what isn't
    /// such a call any more isn't looked at again.
    fn look_for_inlining(&mut self, function: u16) -> Checked {
        let before = self.inlined_loops.get(&self.insn).copied();
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
        self.inlined_loops.insert(self.insn, Some(function).filter(|_| plain && same));
        Ok(())
    }

    /// `bpf_for_each_map_elem`: the function is called with the map, a key, a value and R3.
    pub(crate) fn call_back_for_each(&mut self, function: u16, map: u16) -> Checked {
        let (first, context) = (Argument::from_caller(self, 1), Argument::from_caller(self, 3));
        let new = |kind| Argument::new(Reg::pointer(kind));
        self.call_back(function, &[first, new(Kind::MapKey(map)), new(Kind::MapValue(map)), context])?;
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
        let pending = &mut self.pending.last_mut().expect("just pushed").state;
        pending.frame_mut().held = held;
        pending.frame_mut().callback_depth += 1;
        pending.callback_unroll_depth += 1;
        pending.frames.push(frame);
        self.state.frame_mut().callback_depth = 0;
        self.show_everything();
        Ok(())
    }

    pub(crate) fn exit(&mut self) -> Checked<Next> {
        if self.state.frames.len() > 1 {
            self.check_no_references(End::Exit)?;
            let next = self.return_to_caller()?;
            self.show_state = true;
            return Ok(next);
        }
        self.check_no_references(End::Exit)?;
        self.read_reg(0)?;
        if self.is_secret_pointer(0) {
            return refuse(EACCES, Message::AddressReturned { reg: 0 });
        }
        let results = self.subject.prog_type.rules().map(|rules| rules.results);
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
        if self.has_all_branches() {
            // Here some kernels drop the branch and go on.
            return Err(Stop::unsupported("more branches after tail calls than are remembered"));
        }
        self.push_branch(self.insn + 1)
    }

    fn return_to_caller(&mut self) -> Checked<Next> {
        let depth = self.state.depth();
        let result = *self.reg(0);
        let callsite = self.state.frame().callsite.unwrap_or_default();
        let called_back = self.state.frame().in_callback;
        if self.rules.live_stack {
            self.live_stack.commit();
            self.update_live_stack();
        }
        if result.kind == Kind::Stack {
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
        if self.rules.live_stack {
            self.live_stack.leave();
        }
        let next = if called_back { callsite } else { callsite + 1 };
        self.show_return(depth);
        // A callback leaves everything as it was before.
        if let Some(held) = self.state.frames[depth - 1].held.take()
            && called_back
        {
            self.state.references = held;
        }
        self.show_caller(depth - 1, next);
        self.state.frames.pop();
        if called_back && let Some(earlier) = self.earlier_visit(next, self.depth) {
            let mut state = std::mem::replace(&mut self.state, State::empty());
            self.widen(earlier, &mut state);
            self.state = state;
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
        if self.reg(6).kind != Kind::Ctx {
            return refuse(EINVAL, Message::LegacyLoadContext {});
        }
        if let Some(src) = src {
            self.read_reg(src)?;
        }
        self.check_fixed_offset(6, false)?;
        for number in 0..6 {
            *self.reg_mut(number) = Reg::NOT_INIT;
            self.show_reg(number);
            self.note_write(number);
        }
        *self.reg_mut(0) = Reg::UNKNOWN;
        if self.rules.packet_loads_return && self.state.frames.len() > 1 {
            self.push_rest()?;
            *self.reg_mut(0) = Reg::known(0);
            return self.return_to_caller();
        }
        Ok(Next::Follow)
    }

    /// A slot whose opcode is known, but with a field that must be zero or a register that doesn't exist.
    pub(crate) fn odd_instruction(&mut self) -> Checked<Next> {
        let slot = self.subject.slots[self.insn];
        let class = slot.opcode & 7;
        let operation = slot.opcode & 0xf0;
        let from_register = slot.opcode & 8 != 0;
        let alu = matches!(class, 4 | 7);
        let jump = matches!(class, 5 | 6);
        if class == 0 {
            return self.odd_load();
        }
        if jump && !matches!(operation, 0x00 | 0x80 | 0x90 | 0xe0) {
            self.read_reg(slot.dst)?;
        }
        let misused: Option<&str> = if alu {
            match operation {
                0x80 if from_register || slot.src != 0 || slot.off != 0 || slot.imm != 0 => Some("BPF_NEG"),
                0xd0 if slot.src != 0
                    || slot.off != 0
                    || !matches!(slot.imm, 16 | 32 | 64)
                    || (class == 7 && from_register) =>
                {
                    Some("BPF_END")
                }
                0xb0 if from_register => {
                    if class == 7 && slot.off == 1 && self.rules.version >= ADDRESS_SPACES {
                        return refuse(EINVAL, Message::AddressSpaces {});
                    }
                    let offsets: &[i16] = if class == 7 { &[0, 8, 16, 32] } else { &[0, 8, 16] };
                    (slot.imm != 0 || !offsets.contains(&slot.off)).then_some("BPF_MOV")
                }
                0xb0 => (slot.src != 0 || slot.off != 0).then_some("BPF_MOV"),
                0x80 | 0xd0 => None,
                _ => {
                    let divides = matches!(operation, 0x30 | 0x90);
                    let unused = if from_register { slot.imm != 0 } else { slot.src != 0 };
                    let bad_offset = !matches!(slot.off, 0 | 1) || (slot.off == 1 && !divides);
                    (unused || bad_offset).then_some("BPF_ALU")
                }
            }
        } else if jump {
            self.counters.jumps += 1;
            match operation {
                0x80 => {
                    let plain = slot.opcode == 0x85
                        && slot.src <= 2
                        && slot.dst == 0
                        && (slot.off == 0 || slot.src == 2);
                    (!plain).then_some("BPF_CALL")
                }
                0x90 => Some("BPF_EXIT"),
                0x00 => Some("BPF_JA"),
                0xe0 => None,
                _ if from_register => (slot.imm != 0).then_some("BPF_JMP/JMP32"),
                _ => (slot.src != 0).then_some("BPF_JMP/JMP32"),
            }
        } else if class == 3 && slot.opcode & 0xe0 == 0x60 {
            (slot.imm != 0).then_some("BPF_STX")
        } else if class == 2 {
            (slot.src != 0).then_some("BPF_ST")
        } else {
            None
        };
        if operation == 0xe0 && jump {
            return self.refuse_may_goto();
        }
        if let Some(class_name) = misused {
            return refuse(EINVAL, Message::ReservedFields { class: class_name.into() });
        }
        if class == 3 {
            return self.odd_atomic();
        }
        // What is left is a register beyond R10: sources are looked at first.
        let reads_source = (alu || jump) && from_register || class == 1 || class == 3;
        let moves = alu && operation == 0xb0;
        if jump {
            self.read_reg(slot.dst)?;
            if reads_source {
                self.read_reg(slot.src)?;
            }
        } else {
            if reads_source {
                self.read_reg(slot.src)?;
            }
            if !moves && class != 1 && slot.opcode != 0x18 {
                self.read_reg(slot.dst)?;
            }
            self.write_reg(slot.dst, Destination::Later)?;
        }
        Err(Stop::unsupported(format!("opcode {:02x} in this form", slot.opcode)))
    }

    /// A `may_goto` that isn't one.
    pub(crate) fn refuse_may_goto(&mut self) -> Checked<Next> {
        let slot = self.subject.slots[self.insn];
        if self.rules.may_goto_goes_nowhere {
            return refuse(EINVAL, Message::MayGotoImm { imm: slot.imm.into() });
        }
        refuse(EINVAL, Message::MayGotoOff { off: slot.off.into(), imm: slot.imm.into() })
    }

    fn odd_load(&mut self) -> Checked<Next> {
        let slot = self.subject.slots[self.insn];
        if slot.opcode == 0x18 {
            if slot.off != 0 {
                return refuse(EINVAL, Message::ReservedFields { class: "BPF_LD_IMM64".into() });
            }
            self.write_reg(slot.dst, Destination::Later)?;
            return Err(Stop::unsupported("ld_imm64 in this form"));
        }
        if !self.subject.prog_type.rules().is_some_and(|rules| rules.classic_loads) {
            return refuse(EINVAL, Message::LegacyLoad {});
        }
        let indirect = slot.opcode & 0xe0 == 0x40;
        let fits = slot.dst == 0 && slot.off == 0 && slot.opcode & 0x18 != 0x18;
        if indirect && fits && slot.src > 10 {
            // Nothing but the register is wrong.
            return self.load_from_packet(Some(slot.src));
        }
        refuse(EINVAL, Message::LegacyLoadFields {})
    }

    fn odd_atomic(&mut self) -> Checked<Next> {
        let slot = self.subject.slots[self.insn];
        if slot.opcode & 0xe0 == 0x60 {
            self.read_reg(slot.src)?;
            self.read_reg(slot.dst)?;
            return Err(Stop::unsupported("store in this form"));
        }
        let known = matches!(slot.imm, 0x00 | 0x01 | 0x40 | 0x41 | 0x50 | 0x51 | 0xa0 | 0xa1 | 0xe1 | 0xf1);
        if known && matches!(slot.opcode & 0x18, 0x00 | 0x18) {
            self.read_reg(slot.src)?;
            self.read_reg(slot.dst)?;
            return Err(Stop::unsupported("atomic in this form"));
        }
        if known {
            return refuse(EINVAL, Message::AtomicSize {});
        }
        if matches!(slot.imm, 0x100 | 0x110) && self.rules.version >= ORDERED_ACCESSES {
            self.read_reg(slot.src)?;
            self.read_reg(slot.dst)?;
            return Err(Stop::unsupported("atomic in this form"));
        }
        refuse(EINVAL, Message::AtomicOpcode { opcode: Opcode(slot.imm as u32) })
    }
}
