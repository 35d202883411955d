//! Registers that nothing reads any more: a guard may use them.

use std::collections::HashMap;

use knockwright_asm::{Code, Insn, Program, Reg, RegSet};

/// The registers whose value before the instruction at a slot nobody reads, r10 aside.
///
/// Sound but not exact: a call is taken to read all five arguments.
pub(crate) fn free_registers(program: &Program, at: usize) -> Vec<Reg> {
    let items: Vec<(usize, Option<Insn>)> = program
        .slots()
        .map(|(slot, item)| match item.code {
            Code::Insn(insn) => (slot, Some(insn)),
            Code::Raw(_) => (slot, None),
        })
        .collect();
    let by_slot: HashMap<usize, usize> =
        items.iter().enumerate().map(|(index, (slot, _))| (*slot, index)).collect();
    let mut live = vec![RegSet::default(); items.len()];
    loop {
        let mut changed = false;
        for (index, (slot, insn)) in items.iter().enumerate().rev() {
            let Some(insn) = insn else { continue };
            let mut after = RegSet::default();
            if insn.falls_through() && index + 1 < items.len() {
                after = after.union(live[index + 1]);
            }
            if let Some(off) = insn.jump_offset()
                && let Some(target) = slot.checked_add_signed(off as isize + 1)
                && let Some(target) = by_slot.get(&target)
            {
                after = after.union(live[*target]);
            }
            let before = after.without(insn.writes()).union(insn.reads());
            if before != live[index] {
                live[index] = before;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    let Some(index) = by_slot.get(&at) else { return Vec::new() };
    Reg::ALL.into_iter().filter(|reg| *reg != Reg::R10 && !live[*index].contains(*reg)).collect()
}

#[cfg(test)]
mod tests {
    use knockwright_asm::text;

    use super::*;

    #[test]
    fn what_a_later_path_reads_is_not_free() {
        let program = text::parse_program(
            "t.bpf",
            "r6 = 1\nr7 = 2\nif r6 == 0x0 goto out\nr0 = r7\nexit\nout:\nr0 = r6\nexit",
        )
        .unwrap();
        let free = free_registers(&program, 2);
        assert!(!free.contains(&Reg::R6) && !free.contains(&Reg::R7) && free.contains(&Reg::R8));
        assert!(free_registers(&program, 3).contains(&Reg::R6));
    }
}
