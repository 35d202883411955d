//! The access that an offset is too large for.

use knockwright_asm::{Code, Insn, Program, Reg};
use knockwright_verifier::log::PointerKind;

use super::{Access, Fault, Object};

/// The access that an offset is too large for: the one refused, or the one after an addition that is refused.
pub(crate) fn refused_access(fault: &Fault<'_>, program: Option<&Program>) -> Option<Access> {
    let mut access = fault.access()?;
    if let Some(Insn::Alu { dst, .. }) = fault.insn {
        if let Some((off, size)) = next_use(fault, dst, program) {
            (access.off, access.size) = (off, Some(size));
        } else if let Some(said) = fault.said() {
            access.size = Some(said.size);
        }
    }
    if matches!(access.object, Object::Stack) {
        // Offsets count from the frame pointer down: everything lies below it.
        let pointer = fault.state(access.base).and_then(|state| state.pointer().copied());
        if pointer.is_some_and(|pointer| pointer.kind != PointerKind::Stack) {
            return None;
        }
        access.object_size = Some(0);
    }
    Some(access)
}

/// The offset and the size of the next access through a register, straight on, by the program or the listing.
fn next_use(fault: &Fault<'_>, base: Reg, program: Option<&Program>) -> Option<(i128, i128)> {
    let slot = fault.path.steps()[fault.step?].slot;
    let at = |slot: usize| match program {
        Some(program) => program.slots().find(|(at, _)| *at == slot).and_then(|(_, item)| match item.code {
            Code::Insn(insn) => Some(insn),
            Code::Raw(_) => None,
        }),
        None => fault.path.listed(slot),
    };
    let mut slot = slot + 1;
    for _ in 0..64 {
        let insn = at(slot)?;
        if let Some((reg, off, size)) = crate::analysis::memory_operand(&insn)
            && reg == base
        {
            return Some((i128::from(off), i128::from(size)));
        }
        let leaves = !insn.falls_through();
        if leaves || insn.writes().contains(base) {
            return None;
        }
        slot += insn.slots();
    }
    None
}
