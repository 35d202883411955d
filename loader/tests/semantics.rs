//! The result of every instruction: what the running kernel leaves in registers and memory is what RFC 9669 says, by a model of
//! our own, on operands at which something changes.
//!
//! Operands come out of the packet and results go there, so that neither the verifier nor its compiler knows them.

#[path = "semantics/model.rs"]
mod model;
mod support;
#[path = "semantics/table.rs"]
mod table;

use std::collections::BTreeSet;

use knockwright_asm::isa::{Row, TABLE};
use knockwright_asm::{
    Asm, Helper, Insn, IsaLevel, KernelVersion, Linkage, ProgType, Program, Reg, Reg::*, Size::*,
};
use knockwright_loader::load::{Load, Loaded, Loader, LogLevel};
use knockwright_loader::privilege::kernel_release;
use knockwright_loader::sys::TestRun;
use model::{MEMORY, State};
use support::may_load;
use table::EDGES;

/// Rows that aren't tried here, and why.
const ELSEWHERE: &[(&str, &str)] = &[
    ("cast_", "needs an arena"),
    ("gotox", "needs a map of the kind insn_array"),
    ("load_abs", "reads a packet as classic filters do: tests/classic.rs"),
    ("load_ind", "reads a packet as classic filters do: tests/classic.rs"),
    ("load_map", "its result is an address"),
    ("load_func", "its result is an address"),
    ("load_btf", "its result is an address"),
    ("call_kfunc", "its result is the kernel function's"),
];

/// Where a program has its packet and its context.
const PACKET: Reg = R9;
const CONTEXT: Reg = R8;

/// The 8-byte words of the packet: operands, then results.
const WORDS: i32 = 9;

/// A program that reads operands, runs what is written, and leaves what it left.
fn around(dst: Reg, src: Reg, write: impl FnOnce(&mut Asm)) -> Program {
    let mut a = Asm::new("semantics", ProgType::Xdp);
    a.isa(IsaLevel::Later);
    let out = a.label("out");
    a.mov(CONTEXT, R1);
    a.load(U32, PACKET, R1 + 0);
    a.load(U32, R3, R1 + 4);
    a.mov(R4, PACKET);
    a.add(R4, 8 * WORDS);
    a.goto_if(R4.gt(R3), out);
    a.load(U64, R1, PACKET + 24);
    a.store(U64, R10 + i32::from(MEMORY), R1);
    a.load(U64, R0, PACKET + 16);
    a.load(U64, dst, PACKET + 0);
    a.load(U64, src, PACKET + 8);
    write(&mut a);
    for (word, register) in (4..).zip([dst, src, R0]) {
        a.store(U64, PACKET + 8 * word, register);
    }
    a.load(U64, R1, R10 + i32::from(MEMORY));
    a.store(U64, PACKET + 56, R1);
    a.bind(out);
    a.mov(R0, 2);
    a.exit();
    a.finish().unwrap_or_else(|errors| panic!("{errors}"))
}

/// The program of one instruction.
fn program(insn: &Insn, dst: Reg, src: Reg) -> Program {
    around(dst, src, |a| {
        let (taken, done) = (a.label("taken"), a.label("done"));
        a.mov(R5, 0);
        match *insn {
            Insn::Goto { .. } => {
                // Something has to lead to what it jumps over.
                a.goto_if(R5.ne(0), done);
                a.goto(taken);
            }
            Insn::GotoLong { .. } => {
                a.goto_if(R5.ne(0), done);
                a.goto_long(taken);
            }
            Insn::MayGoto { .. } => a.may_goto(taken),
            Insn::JumpIf { width, cond, dst, src, .. } => {
                a.goto_if(knockwright_asm::Condition { width, cond, dst, src }, taken);
            }
            insn => a.emit(insn),
        }
        let is_always = matches!(insn, Insn::Goto { .. } | Insn::GotoLong { .. });
        if insn.jump_offset().is_some() {
            if !is_always {
                a.goto(done);
            }
            a.bind(taken);
            a.mov(R5, 1);
        }
        a.bind(done);
        a.store(U64, PACKET + 64, R5);
    })
}

fn load(loader: &mut Loader, program: &Program) -> Loaded {
    let load = Load::new(program).at_level(LogLevel::FailingPath);
    let (answer, loaded) = loader.load(&load).unwrap();
    loaded.unwrap_or_else(|| panic!("{}", answer.log))
}

fn run(loaded: &Loaded, before: &State) -> State {
    let mut packet = vec![0; 8 * WORDS as usize];
    for (word, value) in [before.dst, before.src, before.r0].into_iter().enumerate() {
        packet[8 * word..8 * word + 8].copy_from_slice(&value.to_ne_bytes());
    }
    packet[24..32].copy_from_slice(&before.memory);
    let result = loaded.test_run(&TestRun::packet(packet)).unwrap();
    assert_eq!(result.return_value, 2);
    let word = |at: usize| u64::from_ne_bytes(result.data[8 * at..8 * at + 8].try_into().unwrap());
    let memory = word(7).to_ne_bytes();
    State { dst: word(4), src: word(5), r0: word(6), memory, jumped: word(8) != 0 }
}

/// The operands that an instruction is tried on: every pair of edges where it reads two.
fn operands(insn: &Insn, dst: Reg, src: Reg) -> Vec<State> {
    let reads = insn.reads();
    let plain =
        State { dst: 0x5555, src: 0x3333, r0: 0x1111, memory: [1, 2, 3, 4, 5, 6, 7, 0x88], jumped: false };
    let of_memory = matches!(
        insn,
        Insn::Atomic { .. } | Insn::Load { .. } | Insn::LoadSx { .. } | Insn::LoadAcquire { .. }
    );
    let mut all = vec![plain];
    let each = |all: &mut Vec<State>, wanted: bool, set: fn(&mut State, u64)| {
        if wanted {
            *all = all
                .iter()
                .flat_map(|state| {
                    EDGES.map(|edge| {
                        let mut state = *state;
                        set(&mut state, edge);
                        state
                    })
                })
                .collect();
        }
    };
    each(&mut all, reads.contains(dst), |state, edge| state.dst = edge);
    each(&mut all, reads.contains(src), |state, edge| state.src = edge);
    each(&mut all, of_memory, |state, edge| state.memory = edge.to_ne_bytes());
    if reads.contains(R0) {
        // What is compared with memory is seldom there by chance.
        let there = |state: &State| u64::from_ne_bytes(state.memory);
        let halves = |number: u64| [number, number >> 32, !number, number ^ (1 << 40)];
        all = all.iter().flat_map(|state| halves(there(state)).map(|r0| State { r0, ..*state })).collect();
    }
    all
}

/// Calls of helpers and functions, and exits of more than one.
fn calls(loader: &mut Loader) {
    let called = around(R6, R7, |a| {
        a.mov(R1, CONTEXT);
        a.call(Helper::XdpGetBuffLen);
        a.store(U64, PACKET + 64, R0);
    });
    let state = State { dst: 1, src: 2, r0: 3, memory: [0; 8], jumped: false };
    let got = run(&load(loader, &called), &state);
    assert_eq!(
        (got.dst, got.src, got.r0),
        (1, 2, 8 * WORDS as u64),
        "a helper's result, and what a call keeps"
    );
    let mut a = Asm::new("calls", ProgType::Xdp);
    let sum = a.function("sum", Linkage::Static, &["a", "b"]);
    a.mov(R1, 40);
    a.mov(R2, 2);
    a.mov(R6, 1000);
    a.call_function(sum);
    a.add(R0, R6);
    a.exit();
    a.begin(sum);
    a.mov(R6, 5);
    a.mov(R0, R1);
    a.add(R0, R2);
    a.exit();
    let loaded = load(loader, &a.finish().unwrap());
    let result = loaded.test_run(&TestRun::packet(vec![0; 64])).unwrap().return_value;
    assert_eq!(result, 1042, "a function's result, and what the caller keeps");
}

#[test]
fn results_are_those_of_the_standard() {
    if !may_load() {
        return;
    }
    let release = kernel_release();
    let running = KernelVersion::of_release(&release).expect("a version");
    let mut loader = Loader::new();
    let (mut tried, mut right, mut programs) = (BTreeSet::new(), 0_usize, 0_usize);
    let mut newer = BTreeSet::new();
    for (dst, src) in [(R6, R7), (R2, R3)] {
        for insn in table::instructions(dst, src) {
            let row = Row::of(&insn);
            if row.since > running {
                newer.insert(row.name);
                continue;
            }
            let loaded = load(&mut loader, &program(&insn, dst, src));
            for before in operands(&insn, dst, src) {
                let (got, wanted) = (run(&loaded, &before), before.after(&insn));
                assert_eq!(got, wanted, "{insn} on {before:x?}");
                right += 1;
            }
            programs += 1;
            tried.insert(row.name);
        }
    }
    calls(&mut loader);
    tried.extend(["call_helper", "call_local", "exit"]);
    let rest: Vec<&str> = TABLE.iter().map(|row| row.name).filter(|name| !tried.contains(name)).collect();
    let unknown: Vec<&&str> = rest
        .iter()
        .filter(|name| !newer.contains(*name) && !ELSEWHERE.iter().any(|(part, _)| name.starts_with(part)))
        .collect();
    eprintln!(
        "{right} results as the standard has them, {programs} programs; {} of {} instructions, without {rest:?} ({release})",
        tried.len(),
        TABLE.len(),
    );
    assert!(unknown.is_empty(), "not tried: {unknown:?}");
}
