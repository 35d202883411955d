//! Code that nothing leads to, which the verifier refuses and generators are glad not to think of.

use super::Asm;
use super::relax::{move_positions, name_distances, target};
use crate::insn::Insn;
use crate::program::Code;

/// Takes out what no way from the start of a function leads to.
pub(super) fn leave_out_unreached(asm: &mut Asm) {
    // Where a jump to a register's address leads isn't seen here.
    if asm.items.iter().any(|item| matches!(item.code, Code::Insn(Insn::GotoRegister { .. }) | Code::Raw(_)))
    {
        return;
    }
    name_distances(asm);
    let reached = reached(asm);
    if !reached.contains(&false) {
        return;
    }
    let mut moved = Vec::with_capacity(reached.len() + 1);
    let mut kept = 0;
    for reached in &reached {
        moved.push(kept);
        kept += usize::from(*reached);
    }
    moved.push(kept);
    let mut reached = reached.into_iter();
    asm.items.retain(|_| reached.next() == Some(true));
    move_positions(asm, &moved);
}

fn reached(asm: &Asm) -> Vec<bool> {
    let mut reached = vec![false; asm.items.len()];
    let mut waiting: Vec<usize> =
        asm.functions.iter().filter_map(|function| function.body.as_ref()).map(|(start, _)| *start).collect();
    while let Some(mut at) = waiting.pop() {
        while let Some(seen) = reached.get_mut(at).filter(|seen| !**seen) {
            *seen = true;
            let item = &asm.items[at];
            waiting.extend(target(asm, item));
            if matches!(&item.code, Code::Insn(insn) if !insn.falls_through()) {
                break;
            }
            at += 1;
        }
    }
    reached
}
