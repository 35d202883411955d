//! A program with instructions put in: jumps and calls keep their targets.

use knockwright_asm::{Code, Imm64, Insn, Item, Program};

/// Puts instructions before the one at a slot; jumps to that slot lead to the first of them.
///
/// None if there is no instruction at the slot, or a jump would become too long.
pub(crate) fn insert(program: &Program, at: usize, added: &[Insn]) -> Option<Program> {
    let slots: usize = added.iter().map(Insn::slots).sum();
    let index = program.slots().position(|(slot, _)| slot == at)?;
    let target = |slot: i64| if slot <= at as i64 { slot } else { slot + slots as i64 };
    let moved = |slot: usize| if slot < at { slot as i64 } else { (slot + slots) as i64 };
    let mut changed = program.clone();
    for ((slot, _), item) in program.slots().zip(&mut changed.items) {
        let Code::Insn(insn) = &mut item.code else { continue };
        // The new distance from the slot after the instruction.
        let adjust = |old: i64| target(slot as i64 + 1 + old) - moved(slot) - 1;
        match insn {
            Insn::Goto { off } | Insn::MayGoto { off } | Insn::JumpIf { off, .. } => {
                *off = i16::try_from(adjust(i64::from(*off))).ok()?;
            }
            Insn::GotoLong { off } | Insn::CallLocal { off } => {
                *off = i32::try_from(adjust(i64::from(*off))).ok()?;
            }
            Insn::LoadImm64 { value: Imm64::Func(off), .. } => {
                *off = i32::try_from(adjust(i64::from(*off))).ok()?;
            }
            _ => {}
        }
    }
    let items = added.iter().copied().map(Item::from);
    changed.items.splice(index..index, items);
    for function in &mut changed.functions {
        if function.start > index {
            function.start += added.len();
        }
    }
    Some(changed)
}

#[cfg(test)]
mod tests {
    use knockwright_asm::{Insn, Reg, text};

    use super::*;

    #[test]
    fn jumps_over_and_to_the_place_keep_their_meaning() {
        let program = text::parse_program(
            "t.bpf",
            "start:\nr0 = 0\nif r0 == 0x0 goto here\nr0 = 1\nhere:\nr0 = 2\nif r0 == 0x5 goto start\nexit",
        )
        .unwrap();
        let guard = [Insn::mov64_imm(Reg::R1, 7), Insn::mov64_imm(Reg::R2, 7)];
        let changed = insert(&program, 3, &guard).unwrap();
        let listing: Vec<String> = changed
            .items
            .iter()
            .map(|item| match item.code {
                Code::Insn(insn) => insn.to_string(),
                Code::Raw(_) => unreachable!(),
            })
            .collect();
        assert_eq!(
            listing,
            [
                "r0 = 0",
                "if r0 == 0x0 goto pc+1",
                "r0 = 1",
                "r1 = 7",
                "r2 = 7",
                "r0 = 2",
                "if r0 == 0x5 goto pc-7",
                "exit"
            ]
        );
        assert!(insert(&program, 99, &guard).is_none());
    }

    #[test]
    fn functions_move_with_their_code_and_begin_with_what_is_put_before_their_first_instruction() {
        let program = text::parse_program("t.bpf", "call f\nexit\n.func f\nr0 = 1\nexit").unwrap();
        let guard = [Insn::mov64_imm(Reg::R1, 7), Insn::mov64_imm(Reg::R2, 7)];
        for (at, start) in [(0, 4), (1, 4), (2, 2), (3, 2)] {
            let changed = insert(&program, at, &guard).unwrap();
            assert_eq!(changed.functions[0].start, 0, "before {at}");
            assert_eq!(changed.functions[1].start, start, "before {at}");
            let called = changed.slots().find_map(|(slot, item)| match item.code {
                Code::Insn(Insn::CallLocal { off }) => slot.checked_add_signed(off as isize + 1),
                _ => None,
            });
            assert_eq!(called, Some(start), "before {at}");
        }
    }
}
