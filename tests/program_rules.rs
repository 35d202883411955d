//! The rules of program types, past the running kernel: results as every attach type that a load can name, what programs may
//! do through pointers into the packet, and the loads of classic BPF.

#[path = "support/probe.rs"]
mod probe;
mod support;

use knockwright_asm::linux::AttachType;
use knockwright_asm::linux::context::{Field, Holds, Machine};
use knockwright_asm::linux::prog_type::{PacketRights, Results};
use knockwright_asm::{
    AbsSize, AluOp, Code, Cond, Endian, Helper, Imm64, Insn, MapDef, MapType, ProgType, Reg, Size, Source,
    Width, encode,
};
use knockwright_kernels::HostEngine;
use knockwright_verifier::{Attempt, Engine};
use probe::{attempt, can_name, may_return, running};
use support::may_load;

/// The types that the running kernel loads without a target and whose rules are known.
fn types() -> impl Iterator<Item = ProgType> {
    ProgType::ALL.iter().copied().filter(|prog_type| prog_type.rules().is_some())
}

#[test]
fn results_are_those_of_the_running_kernel() {
    if !may_load("results_are_those_of_the_running_kernel") {
        return;
    }
    let mut kernel = HostEngine::new();
    let mut asked = 0;
    for prog_type in types() {
        for attach in [None].into_iter().chain(AttachType::ALL.iter().copied().map(Some)) {
            if !can_name(&mut kernel, prog_type, attach) {
                continue;
            }
            for result in [i32::MIN, -4096, -1, 0, 1, 2, 3, 4, 5, 7, 128, i32::MAX] {
                let allowed = match prog_type.results(attach, running()).expect("rules") {
                    Results::Any => true,
                    Results::Within(low, high) => (low..=high).contains(&result),
                };
                let accepted = may_return(&mut kernel, prog_type, attach, result);
                assert_eq!(accepted, allowed, "{prog_type} {attach:?}: {result}");
            }
            asked += 1;
        }
    }
    assert!(asked > 800, "{asked}");
}

/// What is done with a pointer into the packet, in R2, with 8 bytes proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Load,
    HandOver,
    Store,
}

/// A program that loads the packet's start and end and does something between them.
fn touches_packet(prog_type: ProgType, start: &Field, end: &Field, what: Use) -> Attempt {
    let size = |field: &Field| if field.size == 4 { Size::U32 } else { Size::U64 };
    let load = |dst, field: &Field| {
        let off = i16::try_from(field.offset).expect("an offset");
        Insn::Load { size: size(field), dst, base: Reg::R1, off }
    };
    let wide = Width::W64;
    let touch = match what {
        Use::Load => vec![Insn::Load { size: Size::U8, dst: Reg::R5, base: Reg::R2, off: 0 }],
        Use::Store => vec![Insn::StoreImm { size: Size::U8, base: Reg::R2, off: 0, imm: 0 }],
        Use::HandOver => vec![
            Insn::LoadImm64 { dst: Reg::R1, value: Imm64::MapIdx(0) },
            Insn::CallHelper { helper: Helper::MapLookupElem.into() },
        ],
    };
    let skipped = i16::try_from(touch.iter().map(Insn::slots).sum::<usize>()).expect("few instructions");
    let mut insns = vec![
        load(Reg::R2, start),
        load(Reg::R3, end),
        Insn::Alu { width: wide, op: AluOp::Mov, dst: Reg::R4, src: Source::Reg(Reg::R2) },
        Insn::Alu { width: wide, op: AluOp::Add, dst: Reg::R4, src: Source::Imm(8) },
        Insn::JumpIf { width: wide, cond: Cond::Gt, dst: Reg::R4, src: Source::Reg(Reg::R3), off: skipped },
    ];
    insns.extend(touch);
    insns.extend([Insn::mov64_imm(Reg::R0, 1), Insn::Exit]);
    let code: Vec<Code> = insns.into_iter().map(Code::Insn).collect();
    let map = MapDef::new::<u64, u64>("m", MapType::Hash, 1);
    let code = encode(&code, Endian::NATIVE);
    let mut attempt = Attempt::of_code("touch", prog_type, &code, Endian::NATIVE, vec![map]).at_level(0);
    attempt.attach_type = prog_type.facts().usual_attach.map(AttachType::number);
    attempt
}

#[test]
fn rights_on_packets_are_those_of_the_running_kernel() {
    if !may_load("rights_on_packets_are_those_of_the_running_kernel") {
        return;
    }
    let mut kernel = HostEngine::new();
    let mut asked = 0;
    for prog_type in types() {
        let context = prog_type.context();
        let fields = context.and_then(|context| context.fields).unwrap_or_default();
        let place = |holds| {
            let is_read = |field: &&Field| field.holds == holds && field.read.programs.contains(prog_type);
            fields.iter().find(is_read)
        };
        let rights = prog_type.rules().expect("rules").packet;
        let (Some(start), Some(end)) = (place(Holds::PacketStart), place(Holds::PacketEnd)) else {
            assert_eq!(rights, PacketRights::None, "{prog_type}");
            continue;
        };
        let uses: &[Use] = match rights {
            PacketRights::None => &[],
            PacketRights::Load => &[Use::Load],
            PacketRights::Read => &[Use::Load, Use::HandOver],
            PacketRights::Write => &[Use::Load, Use::HandOver, Use::Store],
        };
        for what in [Use::Load, Use::HandOver, Use::Store] {
            let verdict = kernel.verdict(&touches_packet(prog_type, start, end, what).at_level(1));
            let accepted = verdict.outcome.accepts().expect("a verdict");
            assert_eq!(accepted, uses.contains(&what), "{prog_type} {what:?}: {}", verdict.message);
        }
        asked += 1;
    }
    assert!(asked >= 14, "{asked}");
}

#[test]
fn classic_loads_are_those_of_the_running_kernel() {
    if !may_load("classic_loads_are_those_of_the_running_kernel") {
        return;
    }
    let mut kernel = HostEngine::new();
    for prog_type in types() {
        let keep = Insn::Alu { width: Width::W64, op: AluOp::Mov, dst: Reg::R6, src: Source::Reg(Reg::R1) };
        let load = Insn::LoadAbs { size: AbsSize::U8, imm: 0 };
        let attach = prog_type.facts().usual_attach;
        let program = attempt(prog_type, attach, &[keep, load, Insn::mov64_imm(Reg::R0, 1), Insn::Exit]);
        let accepted = kernel.verdict(&program).outcome.accepts().expect("a verdict");
        assert_eq!(accepted, prog_type.rules().expect("rules").classic_loads, "{prog_type}");
    }
}

/// Programs for a target are judged by what that is, and `lirc_mode2` by kernels with remote controls alone.
#[test]
fn rules_are_known_of_all_types_that_are_loaded_without_a_target() {
    let unknown: Vec<ProgType> =
        ProgType::ALL.iter().copied().filter(|prog_type| prog_type.rules().is_none()).collect();
    let lacking = |prog_type: &ProgType| prog_type.facts().needs_target || *prog_type == ProgType::LircMode2;
    assert!(unknown.iter().all(lacking), "{unknown:?}");
    let described = |prog_type: ProgType| {
        prog_type.context_on(Machine::X86_64).is_some_and(|context| context.fields.is_some())
    };
    assert!(types().all(described));
}
