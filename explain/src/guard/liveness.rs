//! Registers that nothing reads any more: a guard may use them.

use knockwright_asm::{Code, Insn, Program, Reg, RegSet};

/// The registers whose value before the instruction at a slot nobody reads, r10 aside.
///
/// Sound but not exact: a call is taken to read all five arguments.
pub(crate) fn free_registers(program: &Program, at: usize) -> Vec<Reg> {
    let mut insns: Vec<Option<Insn>> = Vec::with_capacity(program.slot_count());
    for (slot, item) in program.slots() {
        // The second half of a 64-bit load is no instruction.
        insns.resize(slot, None);
        insns.push(match item.code {
            Code::Insn(insn) => Some(insn),
            Code::Raw(_) => None,
        });
    }
    let mut live = vec![RegSet::default(); insns.len()];
    loop {
        let mut changed = false;
        for (slot, insn) in insns.iter().enumerate().rev() {
            let Some(insn) = insn else { continue };
            let at = |slot: usize| live.get(slot).copied().unwrap_or_default();
            let next = if insn.falls_through() { at(slot + insn.slots()) } else { RegSet::default() };
            let target = insn.jump_offset().and_then(|off| slot.checked_add_signed(off as isize + 1));
            let after = next.union(target.map_or_else(RegSet::default, at));
            let before = after.without(insn.writes()).union(insn.reads());
            if before != live[slot] {
                live[slot] = before;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    if !insns.get(at).is_some_and(Option::is_some) {
        return Vec::new();
    }
    Reg::ALL.into_iter().filter(|reg| *reg != Reg::R10 && !live[at].contains(*reg)).collect()
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
