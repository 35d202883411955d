//! Functions: those that the program calls, and those that helpers call back.

use knockwright_asm::{Helper, Imm64, Insn, Reg, Size};

use super::{Held, Stage, Writer};

/// Who calls a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The kernel: it's the program.
    Entry,
    Called,
    /// `bpf_loop`.
    Loop,
    /// `bpf_for_each_map_elem`.
    Each,
}

/// A function that is called somewhere.
#[derive(Debug, Clone, Copy)]
pub(super) struct Function {
    pub(super) role: Role,
    /// What its first caller had in R1 to R5.
    arguments: [Held; 5],
    /// The index of its first instruction.
    pub(super) start: usize,
}

impl Function {
    /// What the kernel calls.
    pub(super) const fn entry() -> Self {
        let mut arguments = [Held::Nothing; 5];
        arguments[0] = Held::Ctx;
        Self { role: Role::Entry, arguments, start: 0 }
    }
}

/// The most functions besides the entry.
const MOST: usize = 4;

impl Writer<'_> {
    /// Writes the entry, the functions that it calls, those that they call, and so on.
    pub(super) fn all_functions(&mut self) {
        let mut number = 0;
        while number < self.functions.len() {
            self.current = number;
            self.functions[number].start = self.code.len();
            self.held = [Held::Nothing; 11];
            self.held[10] = Held::Stack;
            let Function { role, mut arguments, .. } = self.functions[number];
            let mistaken = if self.stage == Stage::TailCalls { 5 } else { 15 };
            if role == Role::Called && self.random.chance(mistaken) {
                // It takes its arguments for something else than its caller does.
                for held in &mut arguments {
                    *held = self.random.pick(&[Held::Number, Held::Number, Held::Stack, Held::Value]);
                }
            }
            self.held[1..6].copy_from_slice(&arguments);
            self.written.clear();
            if matches!(role, Role::Loop | Role::Each) && self.random.chance(50) {
                self.count_in_context(role);
            }
            self.function();
            number += 1;
        }
        for (at, number) in std::mem::take(&mut self.calls) {
            let to = self.functions[number].start;
            self.set_target(at, to);
        }
    }

    /// The number of a function to call from here: one that comes later, or a new one.
    fn callee(&mut self, role: Role, arguments: [Held; 5]) -> Option<usize> {
        let fits = |number: &usize| self.functions[*number].role == role;
        let mut known: Vec<usize> = (self.current + 1..self.functions.len()).filter(fits).collect();
        let fresh = self.functions.len() <= MOST && (known.is_empty() || self.random.chance(40));
        if fresh {
            self.functions.push(Function { role, arguments, start: 0 });
            return Some(self.functions.len() - 1);
        }
        if self.random.chance(2) {
            // One that has come before calls itself in the end.
            known = (1..self.functions.len()).collect();
        }
        if known.is_empty() { None } else { Some(self.random.pick(&known)) }
    }

    pub(super) fn call(&mut self) {
        if self.current > 0 && self.random.chance(if self.stage == Stage::TailCalls { 60 } else { 80 }) {
            return;
        }
        let mut arguments = [Held::Nothing; 5];
        arguments.copy_from_slice(&self.held[1..6]);
        for number in 1..4_usize {
            let reg = Reg::ALL[number];
            let wants_context = number == 1 && self.stage == Stage::TailCalls && self.random.chance(95);
            if let Some(ctx) = self.reg(&[Held::Ctx]).filter(|_| wants_context) {
                if ctx != reg {
                    self.emit(Insn::mov64_reg(reg, ctx));
                }
                arguments[0] = Held::Ctx;
            } else if self.random.chance(60) {
                arguments[number - 1] = self.argument(reg);
            }
        }
        let Some(callee) = self.callee(Role::Called, arguments) else {
            return;
        };
        self.calls.push((self.code.len(), callee));
        self.emit(Insn::CallLocal { off: 0 });
        self.clobber();
        self.hold(Reg::R0, Held::Number);
        self.use_result();
    }

    /// Puts something into a register that a function takes.
    fn argument(&mut self, reg: Reg) -> Held {
        match self.random.below(4) {
            0 => {
                self.emit(Insn::mov64_reg(reg, Reg::R10));
                let off = -(8 * (1 + self.random.below(3) as i32));
                self.emit(Insn::add64_imm(reg, off));
                Held::Stack
            }
            1 => {
                let any = [Held::Value, Held::Ctx, Held::Packet];
                let Some(src) = self.reg(&any) else {
                    return self.held[usize::from(reg.number())];
                };
                self.emit(Insn::mov64_reg(reg, src));
                self.held[usize::from(src.number())]
            }
            2 if self.random.chance(50) => match self.number() {
                Some(src) => {
                    self.emit(Insn::mov64_reg(reg, src));
                    Held::Number
                }
                None => self.held[usize::from(reg.number())],
            },
            _ => {
                let imm = self.imm();
                self.emit(Insn::mov64_imm(reg, imm));
                Held::Number
            }
        }
    }

    /// What a function returned is kept, or taken for an index.
    fn use_result(&mut self) {
        match self.random.below(6) {
            0 | 1 => {
                let kept = self.random.pick(&[Reg::R7, Reg::R8, Reg::R9]);
                self.emit(Insn::mov64_reg(kept, Reg::R0));
                self.hold(kept, Held::Number);
            }
            2 => {
                self.emit(Insn::mov64_reg(Reg::R1, Reg::R10));
                self.emit(Insn::add64_reg(Reg::R1, Reg::R0));
                self.emit(Insn::Load { size: Size::U8, dst: Reg::R2, base: Reg::R1, off: -16 });
                self.hold(Reg::R2, Held::Number);
            }
            _ => {}
        }
    }

    /// `bpf_loop` or `bpf_for_each_map_elem` with a function of the program.
    #[expect(clippy::too_many_lines, reason = "one call, drawn from its arguments to what follows it")]
    pub(super) fn call_with_callback(&mut self) {
        let each = self.random.chance(35);
        let role = if each { Role::Each } else { Role::Loop };
        if self.current > 0 && self.random.chance(75) {
            return;
        }
        let number = self.number();
        let cell = -(8 * (1 + self.random.below(3) as i16));
        let context = match self.random.below(8) {
            0..=4 => {
                if self.random.chance(85) {
                    let imm = self.random.below(4) as i32;
                    self.emit(Insn::StoreImm { size: Size::U64, base: Reg::R10, off: cell, imm });
                    self.written.push(cell);
                }
                Held::Stack
            }
            5 => Held::Value,
            6 => Held::Ctx,
            _ => Held::Number,
        };
        let source = self.reg(&[context]).filter(|_| context != Held::Stack);
        match source {
            Some(source) => self.emit(Insn::mov64_reg(Reg::R3, source)),
            None if context == Held::Number => self.emit(Insn::mov64_imm(Reg::R3, 0)),
            None => {
                self.emit(Insn::mov64_reg(Reg::R3, Reg::R10));
                self.emit(Insn::add64_imm(Reg::R3, cell.into()));
            }
        }
        let context = if source.is_none() && context != Held::Number { Held::Stack } else { context };
        let arguments = match role {
            Role::Each => [Held::Nothing, Held::Nothing, Held::Value, context, Held::Nothing],
            _ => [Held::Number, context, Held::Nothing, Held::Nothing, Held::Nothing],
        };
        let Some(callee) = self.callee(role, arguments) else {
            return;
        };
        match number.filter(|&reg| !each && reg != Reg::R3 && self.random.chance(25)) {
            Some(rounds) => self.emit(Insn::mov64_reg(Reg::R1, rounds)),
            None if each => {
                let map = self.random.pick(&[0, 1, 1, 2, 3, 4, 5]);
                self.emit(Insn::LoadImm64 { dst: Reg::R1, value: Imm64::MapIdx(map) });
            }
            None => {
                let rounds = self.random.pick(&[0, 1, 2, 3, 5, 10, 100, 1 << 23]);
                self.emit(Insn::mov64_imm(Reg::R1, rounds));
            }
        }
        self.calls.push((self.code.len(), callee));
        self.emit(Insn::LoadImm64 { dst: Reg::R2, value: Imm64::Func(0) });
        let flags = if self.random.chance(96) { 0 } else { 1 };
        self.emit(Insn::mov64_imm(Reg::R4, flags));
        let helper = if each { Helper::ForEachMapElem } else { Helper::Loop };
        self.emit(Insn::CallHelper { helper: helper.into() });
        self.clobber();
        self.hold(Reg::R0, Held::Number);
        if context == Held::Stack && self.random.chance(60) {
            let dst = self.random.pick(&[Reg::R1, Reg::R7, Reg::R8, Reg::R9]);
            self.emit(Insn::Load { size: Size::U64, dst, base: Reg::R10, off: cell });
            self.hold(dst, Held::Number);
        }
    }

    /// Adds to the number that the callback's context points to.
    fn count_in_context(&mut self, role: Role) {
        let context = if role == Role::Each { Reg::R4 } else { Reg::R2 };
        if !matches!(self.held[usize::from(context.number())], Held::Stack | Held::Value) {
            return;
        }
        let sum = self.random.pick(&[Reg::R0, Reg::R7]);
        self.emit(Insn::Load { size: Size::U64, dst: sum, base: context, off: 0 });
        match self.number() {
            Some(src) if self.random.chance(30) => self.emit(Insn::add64_reg(sum, src)),
            _ => self.emit(Insn::add64_imm(sum, 1)),
        }
        self.emit(Insn::Store { size: Size::U64, base: context, off: 0, src: sum });
        self.hold(sum, Held::Number);
    }
}
