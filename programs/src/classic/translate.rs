//! Instruction by instruction: from classic BPF to eBPF.

use std::borrow::Cow;

use knockwright_asm::{Asm, Condition, Label, ProgType, Program, Reg, Reg::*, Size::*, Source, SourceLine};

use super::check::targets;
use super::insn::{Insn, Op, Operand, Register, Test};
use super::{ClassicError, Filter, Hook};

/// Where the context is.
pub(super) const CONTEXT: Reg = R6;
/// The accumulator. Its upper half is 0.
pub(super) const A: Reg = R7;
/// The index. Its upper half is 0.
pub(super) const X: Reg = R8;
/// The packet's start, where the program reads the packet itself.
pub(super) const PACKET: Reg = R9;

/// The first byte of the memory of sixteen words, from `r10`.
const MEMORY: i32 = -64;
/// Where bytes of the packet are copied to.
pub(super) const COPY: i32 = -72;

/// A program that is being written.
pub(super) struct Translation {
    pub(super) a: Asm,
    pub(super) hook: Hook,
    /// The number of the instruction that is translated.
    pub(super) at: usize,
    /// The answer 0.
    pub(super) miss: Label,
    hit: Label,
}

impl Hook {
    const fn prog_type(self) -> ProgType {
        match self {
            Self::Xdp(_) => ProgType::Xdp,
            Self::Tc(_) => ProgType::SchedCls,
            Self::SocketFilter => ProgType::SocketFilter,
        }
    }
}

pub(super) fn translate(filter: &Filter, name: &str, hook: Hook) -> Result<Program, ClassicError> {
    let mut a = Asm::new(name, hook.prog_type());
    // Filters have code that nothing leads to, and so has what is made of loads that can't succeed.
    a.license("Dual MIT/GPL").leave_out_unreached();
    let (miss, hit) = (a.label("miss"), a.label("hit"));
    let mut t = Translation { a, hook, at: 0, miss, hit };
    let labels = t.labels(filter.insns());
    t.begin();
    for (at, insn) in filter.insns().iter().enumerate() {
        let text = Cow::Owned(format!("({at:03}) {}", insn.line(at)));
        let line = u32::try_from(at + 1).unwrap_or(u32::MAX);
        t.a.source(SourceLine { file: "filter".into(), line, column: 1, text });
        t.at = at;
        if let Some(label) = labels[at] {
            t.a.bind(label);
        }
        t.insn(*insn, &labels)?;
    }
    t.end();
    Ok(t.a.finish()?)
}

impl Translation {
    /// A label for each instruction that is jumped to.
    fn labels(&mut self, insns: &[Insn]) -> Vec<Option<Label>> {
        let mut labels = vec![None; insns.len()];
        for (at, insn) in insns.iter().enumerate() {
            for to in targets(at, *insn).into_iter().flatten() {
                let label = &mut labels[to as usize];
                if to != at as u64 + 1 && label.is_none() {
                    *label = Some(self.a.label(format!("L{to}")));
                }
            }
        }
        labels
    }

    fn begin(&mut self) {
        let a = &mut self.a;
        a.source(SourceLine { file: "filter".into(), line: 1, column: 1, text: "".into() });
        a.mov(CONTEXT, R1);
        a.mov(A, 0);
        a.mov(X, 0);
        if matches!(self.hook, Hook::Xdp(_)) {
            self.packet_start();
        }
    }

    /// What becomes of hits and misses.
    fn end(&mut self) {
        let (hit, miss) = match self.hook {
            Hook::Xdp(answer) => (answer.hit.number(), answer.miss.number()),
            Hook::Tc(answer) => (answer.hit.number(), answer.miss.number()),
            Hook::SocketFilter => (1, 0),
        };
        for (label, number) in [(self.hit, hit), (self.miss, miss)] {
            self.a.bind(label);
            self.a.mov32(R0, number);
            self.a.exit();
        }
    }

    fn insn(&mut self, insn: Insn, labels: &[Option<Label>]) -> Result<(), ClassicError> {
        match insn {
            Insn::LoadAbs(width, k) => self.load_abs(width, k)?,
            Insn::LoadInd(width, k) => self.load_ind(width, k),
            Insn::LoadMsh(k) => self.load_msh(k)?,
            Insn::LoadLen(register) => self.length(reg(register)),
            Insn::LoadImm(register, k) => self.a.mov32(reg(register), k.cast_signed()),
            Insn::LoadMem(register, word) => self.a.load(U32, reg(register), R10 + memory(word)),
            Insn::Store(register, word) => self.a.store(U32, R10 + memory(word), reg(register)),
            Insn::Alu(op, with) => self.alu(op, with),
            Insn::Neg => self.a.neg32(A),
            Insn::Jump(_) | Insn::JumpIf { .. } => self.jump(insn, labels),
            Insn::Return(k) => self.answer(k),
            Insn::ReturnA => self.answer_a(),
            Insn::Tax => self.a.mov32(X, A),
            Insn::Txa => self.a.mov32(A, X),
        }
        Ok(())
    }

    fn alu(&mut self, op: Op, with: Operand) {
        let (a, src) = (&mut self.a, source(with));
        if matches!((op, with), (Op::Div | Op::Mod, Operand::X)) {
            a.goto_if(X.w().eq(0), self.miss);
        }
        match op {
            Op::Add => a.add32(A, src),
            Op::Sub => a.sub32(A, src),
            Op::Mul => a.mul32(A, src),
            Op::Div => a.div32(A, src),
            Op::Or => a.or32(A, src),
            Op::And => a.and32(A, src),
            Op::Lsh => a.lsh32(A, src),
            Op::Rsh => a.rsh32(A, src),
            Op::Mod => a.rem32(A, src),
            Op::Xor => a.xor32(A, src),
        }
    }

    /// A comparison takes one jump where one of its ways is the next instruction.
    fn jump(&mut self, insn: Insn, labels: &[Option<Label>]) {
        let next = self.at as u64 + 1;
        let label = |to: Option<u64>| to.filter(|to| *to != next).and_then(|to| labels[to as usize]);
        let [to, other] = targets(self.at, insn);
        let (to, other) = (label(to), label(other));
        let Insn::JumpIf { test, with, jt, jf } = insn else {
            return to.into_iter().for_each(|to| self.a.goto(to));
        };
        if jt == jf {
            return to.into_iter().for_each(|to| self.a.goto(to));
        }
        match (to, other, contrary(test, with)) {
            (None, Some(other), Some(contrary)) => self.a.goto_if(contrary, other),
            (None, Some(other), None) => {
                let around = self.a.label("around");
                self.a.goto_if(condition(test, with), around);
                self.a.goto(other);
                self.a.bind(around);
            }
            (to, other, _) => {
                to.into_iter().for_each(|to| self.a.goto_if(condition(test, with), to));
                other.into_iter().for_each(|other| self.a.goto(other));
            }
        }
    }

    fn answer(&mut self, k: u32) {
        match (self.hook, k) {
            (_, 0) => self.a.goto(self.miss),
            (Hook::SocketFilter, _) => {
                self.a.mov32(R0, k.cast_signed());
                self.a.exit();
            }
            _ => self.a.goto(self.hit),
        }
    }

    fn answer_a(&mut self) {
        if self.hook == Hook::SocketFilter {
            self.a.mov32(R0, A);
            return self.a.exit();
        }
        self.a.goto_if(A.w().ne(0), self.hit);
        self.a.goto(self.miss);
    }
}

fn reg(register: Register) -> Reg {
    match register {
        Register::A => A,
        Register::X => X,
    }
}

fn memory(word: u8) -> i32 {
    MEMORY + 4 * i32::from(word)
}

fn source(with: Operand) -> Source {
    match with {
        Operand::K(k) => Source::Imm(k.cast_signed()),
        Operand::X => Source::Reg(X),
    }
}

fn condition(test: Test, with: Operand) -> Condition {
    let (a, src) = (A.w(), source(with));
    match test {
        Test::Eq => a.eq(src),
        Test::Gt => a.gt(src),
        Test::Ge => a.ge(src),
        Test::Set => a.set(src),
    }
}

/// The comparison that holds where another one doesn't.
fn contrary(test: Test, with: Operand) -> Option<Condition> {
    let (a, src) = (A.w(), source(with));
    match test {
        Test::Eq => Some(a.ne(src)),
        Test::Gt => Some(a.le(src)),
        Test::Ge => Some(a.lt(src)),
        Test::Set => None,
    }
}
