//! Jumps farther than 16 bits, below v4 and from v4 on: each arrives where its label is, in a machine of our own.

use std::collections::HashMap;

use knockwright_asm::text::{Listing, parse_program};
use knockwright_asm::{Asm, AsmError, Code, Endian, Insn, IsaLevel, ProgType, Program, Reg::*, Source};

/// Where a jump with a distance leads, by slot.
fn by_slot(program: &Program) -> HashMap<usize, &Code> {
    program.slots().map(|(slot, item)| (slot, &item.code)).collect()
}

/// Runs a program of moves, additions, jumps on `r0 == number` and exits, and gives r1 at its end.
fn run(program: &Program, r0: i32) -> i64 {
    let code = by_slot(program);
    let (mut at, mut r1, mut steps) = (0_i64, 0_i64, 0_u64);
    loop {
        steps += 1;
        assert!(steps < 10_000_000, "it runs in circles");
        let insn = match code[&usize::try_from(at).unwrap()] {
            Code::Insn(insn) => insn,
            Code::Raw(slot) => panic!("{slot:?}"),
        };
        at += insn.slots() as i64;
        match *insn {
            Insn::Exit => return r1,
            Insn::Goto { off } => at += i64::from(off),
            Insn::GotoLong { off } => at += i64::from(off),
            Insn::JumpIf { src: Source::Imm(number), off, .. } if number == r0 => at += i64::from(off),
            Insn::JumpIf { .. } => {}
            Insn::Alu { dst: R1, src: Source::Imm(imm), .. } => r1 += i64::from(imm),
            Insn::Alu { .. } | Insn::LoadImm64 { .. } => {}
            ref other => panic!("{other}"),
        }
    }
}

/// `count` jumps to labels that are spread over code of `length` blocks; case `n` adds `n` to r1 at its label and goes back to
/// the end of the first block.
fn spread(level: IsaLevel, count: usize, length: usize) -> Program {
    let mut a = Asm::new("spread", ProgType::Xdp);
    a.isa(level);
    let labels: Vec<_> = (0..count).map(|_| a.label("case")).collect();
    for (number, label) in labels.iter().enumerate() {
        a.goto_if(R0.eq(i32::try_from(number).unwrap()), *label);
    }
    let back = a.label_here("back");
    a.exit();
    let every = length / count;
    let mut waiting = labels.into_iter().enumerate();
    for block in 0..length {
        if block % every == 0
            && let Some((number, label)) = waiting.next()
        {
            a.bind(label);
            a.add(R1, i32::try_from(number).unwrap());
            a.goto(back);
        }
        if block % 7 == 0 {
            a.load_imm64(R2, 1 << 40);
        } else {
            a.mov(R2, 0);
        }
    }
    a.goto(back);
    a.finish().unwrap()
}

#[test]
fn many_jumps_arrive_below_v4_and_above() {
    for (count, length) in [(1, 40_000), (40, 40_000), (500, 120_000), (3_000, 200_000)] {
        for level in [IsaLevel::V1, IsaLevel::V3, IsaLevel::V4] {
            let program = spread(level, count, length);
            for number in (0..count).step_by(1 + count / 50) {
                let r0 = i32::try_from(number).unwrap();
                assert_eq!(run(&program, r0), number as i64, "{level}, {number} of {count} in {length}");
            }
            let long = |item: &knockwright_asm::Item| matches!(item.code, Code::Insn(Insn::GotoLong { .. }));
            assert_eq!(program.items.iter().any(long), level == IsaLevel::V4, "{level}");
        }
    }
}

#[test]
fn a_jump_over_a_million_slots_takes_its_way() {
    let mut a = Asm::new("p", ProgType::Xdp);
    let (far, near) = (a.label("far"), a.label("near"));
    a.goto(far);
    a.bind(near);
    a.add(R1, 7);
    a.exit();
    for _ in 0..999_000 {
        a.mov(R2, 0);
    }
    a.bind(far);
    a.goto(near);
    let program = a.finish().unwrap();
    assert_eq!(run(&program, 0), 7);
    let jumps = program.items.iter().filter(|item| matches!(item.code, Code::Insn(Insn::Goto { .. })));
    assert!(jumps.count() < 200);
}

#[test]
fn short_code_is_left_as_it_is_and_listings_show_trampolines() {
    let short = |level| spread(level, 10, 20_000).bytes(Endian::Little);
    assert_eq!(short(IsaLevel::V3), short(IsaLevel::V4));
    let program = spread(IsaLevel::V3, 1, 80_000);
    let listing = Listing::new(&program).to_string();
    let back = parse_program("listing", &listing).unwrap();
    assert_eq!(back.bytes(Endian::Little), program.bytes(Endian::Little));
    // The block goes back by trampolines, each with the place of the jump that wants it.
    let gotos = |place: u32| {
        let at = |item: &&knockwright_asm::Item| item.place.as_ref().is_some_and(|at| at.line == place);
        program
            .items
            .iter()
            .filter(at)
            .filter(|item| matches!(item.code, Code::Insn(Insn::Goto { .. })))
            .count()
    };
    let last = program.items.last().unwrap().place.as_ref().unwrap().line;
    assert!(gotos(last) >= 3, "{}", gotos(last));
}

#[test]
fn distances_written_as_numbers_keep_their_targets() {
    for level in [IsaLevel::V3, IsaLevel::V4] {
        let mut a = Asm::new("p", ProgType::Xdp);
        a.isa(level);
        let far = a.label("far");
        a.goto_if(R0.eq(1), far);
        a.emit(Insn::Goto { off: 30_001 });
        a.exit();
        for _ in 0..30_000 {
            a.mov(R2, 0);
        }
        a.add(R1, 5);
        a.exit();
        for _ in 0..30_000 {
            a.mov(R2, 0);
        }
        a.bind(far);
        a.add(R1, 9);
        a.exit();
        let program = a.finish().unwrap();
        assert_eq!((run(&program, 0), run(&program, 1)), (5, 9), "{level}");
    }
}

/// A jump in a slot given as it is knows nothing of trampolines: none comes between two of them.
#[test]
fn no_trampoline_comes_between_raw_slots() {
    let slot = |insn: Insn| Code::Insn(insn).encode().0[0];
    let mut a = Asm::new("p", ProgType::Xdp);
    a.isa(IsaLevel::V3);
    let far = a.label("far");
    a.goto(far);
    // The jump goes to the second island, at 30,000 slots.
    let before = 29_990;
    for _ in 0..before {
        a.mov(R2, 0);
    }
    for _ in 0..40 {
        a.raw(slot(Insn::Goto { off: 0 }));
    }
    for _ in 0..50_000 {
        a.mov(R2, 0);
    }
    a.bind(far);
    a.exit();
    let program = a.finish().unwrap();
    let raw = |item: &knockwright_asm::Item| matches!(item.code, Code::Raw(_));
    let first = program.items.iter().position(raw).unwrap();
    assert!(program.items[first..first + 40].iter().all(raw));
    assert!(program.items.len() > 1 + before + 40 + 50_000 + 1, "there are trampolines");
}

/// Jumps that all cross one place, each to a label of its own: so many trampolines don't fit there.
fn crossing(count: usize, level: IsaLevel) -> Result<Program, knockwright_asm::AsmErrors> {
    let mut a = Asm::new("crossing", ProgType::Xdp);
    a.isa(level);
    let labels: Vec<_> = (0..count).map(|_| a.label("far")).collect();
    for label in &labels {
        a.goto_if(R0.eq(0), *label);
    }
    for label in labels {
        a.bind(label);
        a.add(R1, 1);
    }
    a.exit();
    a.finish()
}

#[test]
fn what_no_trampoline_helps_is_an_error_with_its_places() {
    assert!(crossing(20_000, IsaLevel::V3).is_ok());
    assert!(crossing(60_000, IsaLevel::V4).is_ok());
    let errors = crossing(60_000, IsaLevel::V3).unwrap_err();
    let out_of_range =
        |error: &AsmError| matches!(error, AsmError::JumpOutOfRange { label, .. } if label == "far");
    assert!(errors.errors().iter().all(out_of_range), "{}", errors.errors()[0]);
}
