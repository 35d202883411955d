//! Jumps that are farther than their instruction reaches.
//!
//! Where the instruction set has `gotol`, they become such. Below v4 they go by trampolines: islands of `goto` between the
//! instructions, each within reach of the one before it. A jump keeps its condition and goes to the nearest way on, so code
//! that's short enough stays as it's written.

use std::borrow::Cow;

use super::{Asm, LabelState, Pending, Target, islands};
use crate::insn::{Imm64, Insn};
use crate::isa::IsaLevel;
use crate::program::Code;

/// Makes every jump reach its target, as far as there are instructions for it.
pub(super) fn relax(asm: &mut Asm) {
    if !has_far(asm, &slots(&asm.items)) {
        return;
    }
    name_distances(asm);
    if asm.level < IsaLevel::V4 {
        islands::put_in(asm);
    } else {
        while lengthen(asm) {}
    }
}

/// The first slot of each item, and the slot after the last.
pub(super) fn slots(items: &[Pending]) -> Vec<i64> {
    let mut next = 0;
    let mut slots = Vec::with_capacity(items.len() + 1);
    for item in items {
        slots.push(next);
        next += item.code.slots() as i64;
    }
    slots.push(next);
    slots
}

/// The item that a jump or call leads to.
pub(super) fn target(asm: &Asm, item: &Pending) -> Option<usize> {
    match item.target {
        Target::None | Target::Kernel(_) => None,
        Target::Label(label) => asm.labels.get(label.index as usize)?.bound.as_ref().map(|(to, _)| *to),
        Target::Function(function) => {
            asm.functions.get(function.0 as usize)?.body.as_ref().map(|(to, _)| *to)
        }
    }
}

/// Whether 16 bits hold the distance of a jump, and whether another instruction could stand for it.
pub(super) fn is_short(code: &Code) -> bool {
    matches!(code, Code::Insn(Insn::Goto { .. } | Insn::JumpIf { .. }))
}

fn is_far(asm: &Asm, slots: &[i64], index: usize) -> bool {
    let item = &asm.items[index];
    is_short(&item.code)
        && target(asm, item).is_some_and(|to| i16::try_from(slots[to] - slots[index + 1]).is_err())
}

fn has_far(asm: &Asm, slots: &[i64]) -> bool {
    // Most programs are too short for it.
    slots.last().is_some_and(|end| i16::try_from(*end).is_err())
        && (0..asm.items.len()).any(|index| is_far(asm, slots, index))
}

/// Gives labels to the targets of jumps and calls that were written as distances, so that what is put between keeps them.
pub(super) fn name_distances(asm: &mut Asm) {
    let counts = |item: &Pending| matches!(item.target, Target::None) && distance(&item.code).is_some();
    if !asm.items.iter().any(counts) {
        return;
    }
    let slots = slots(&asm.items);
    for index in 0..asm.items.len() {
        let item = &asm.items[index];
        let Some(off) = distance(&item.code).filter(|_| matches!(item.target, Target::None)) else {
            continue;
        };
        let to = slots.binary_search(&(slots[index] + 1 + i64::from(off)));
        if let Some(to) = to.ok().filter(|to| *to < asm.items.len()) {
            let place = item.place.clone();
            let state =
                LabelState { name: Cow::Borrowed("pc"), made: place.clone(), bound: Some((to, place)) };
            asm.items[index].target = Target::Label(asm.hidden_label(state));
        }
    }
}

/// The distance in slots that a jump or call names.
fn distance(code: &Code) -> Option<i32> {
    match code {
        Code::Insn(Insn::CallLocal { off } | Insn::LoadImm64 { value: Imm64::Func(off), .. }) => Some(*off),
        Code::Insn(insn) => insn.jump_offset(),
        Code::Raw(_) => None,
    }
}

/// Replaces jumps that 16 bits don't reach by long ones: `if c goto far` becomes `if c goto +1; goto +1; gotol far`. Whether
/// there were any: growing the code can push others out of reach.
fn lengthen(asm: &mut Asm) -> bool {
    let slots = slots(&asm.items);
    let far: Vec<bool> = (0..asm.items.len()).map(|index| is_far(asm, &slots, index)).collect();
    if !far.contains(&true) {
        return false;
    }
    let items = std::mem::take(&mut asm.items);
    let (mut grown, mut moved) = (Vec::with_capacity(items.len()), Vec::with_capacity(items.len() + 1));
    for (mut item, far) in items.into_iter().zip(far) {
        moved.push(grown.len());
        if !far {
            grown.push(item);
            continue;
        }
        let jump = Pending { code: Code::Insn(Insn::GotoLong { off: 0 }), ..item.clone() };
        if let Code::Insn(Insn::JumpIf { off, .. }) = &mut item.code {
            *off = 1;
            item.target = Target::None;
            let over = Pending { code: Code::Insn(Insn::Goto { off: 1 }), ..item.clone() };
            grown.extend([item, over]);
        }
        grown.push(jump);
    }
    moved.push(grown.len());
    asm.items = grown;
    move_positions(asm, &moved);
    true
}

/// Moves what is bound to where the items now are.
pub(super) fn move_positions(asm: &mut Asm, moved: &[usize]) {
    let labels = asm.labels.iter_mut().filter_map(|label| label.bound.as_mut());
    let functions = asm.functions.iter_mut().filter_map(|function| function.body.as_mut());
    for (position, _) in labels.chain(functions) {
        *position = moved[*position];
    }
}
