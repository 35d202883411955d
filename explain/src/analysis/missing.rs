//! What should have written a register.

use knockwright_asm::Reg;

use super::Fault;

/// The last jump forwards that was taken: what it skips isn't written.
pub(crate) fn skipping_jump(fault: &Fault<'_>) -> Option<usize> {
    (0..fault.step?).rev().find(|step| {
        fault.path.insn(*step).and_then(|insn| insn.jump_offset()).is_some_and(|off| off > 0)
            && fault.path.knows_way(*step)
            && fault.path.is_taken(*step)
    })
}

/// Which path skips the write of a register that is read, in words.
pub(crate) fn write(fault: &Fault<'_>, reg: Reg) -> Option<String> {
    let jump = skipping_jump(fault)?;
    let steps = fault.path.steps();
    let to = steps.get(jump + 1).map_or(0, |next| next.slot);
    Some(format!("the path that jumps from {} to {to} skips what writes {reg}", steps[jump].slot))
}
