//! From labels to distances: the last step of the assembler.

use super::{Asm, AsmError, AsmErrors, Pending, Target};
use crate::insn::{Imm64, Insn};
use crate::isa::IsaLevel;
use crate::program::{Code, Function, Place, Program};
use crate::types::Extern;

pub(super) fn finish(mut asm: Asm) -> Result<Program, AsmErrors> {
    let mut errors = std::mem::take(&mut asm.errors);
    if asm.items.is_empty() {
        errors.push(AsmError::Empty { name: asm.name.clone(), declared: asm.functions[0].declared.clone() });
    }
    check_labels(&asm, &mut errors);
    check_functions(&mut asm, &mut errors);
    if errors.is_empty() {
        relax(&mut asm);
        patch(&mut asm, &mut errors);
    }
    if !errors.is_empty() {
        return Err(AsmErrors(errors));
    }
    let files = std::mem::take(&mut asm.files);
    let externs = externs(&mut asm);
    let mut last = None;
    Ok(Program {
        name: asm.name,
        prog_type: asm.prog_type,
        license: asm.license,
        functions: asm.functions.iter().map(Function::from).collect(),
        maps: asm.maps.into_iter().map(|(map, _)| map).collect(),
        items: asm.items.into_iter().map(|item| item.into_item(&files, &mut last)).collect(),
        externs,
    })
}

/// What the program names in the kernel, with the instructions that do.
fn externs(asm: &mut Asm) -> Vec<Extern> {
    let mut externs = std::mem::take(&mut asm.externs);
    for (index, item) in asm.items.iter().enumerate() {
        if let Target::Kernel(number) = item.target
            && let Some(named) = externs.get_mut(number)
        {
            named.uses.push(index);
        }
    }
    externs
}

fn check_labels(asm: &Asm, errors: &mut Vec<AsmError>) {
    for item in &asm.items {
        let Target::Label(label) = item.target else {
            continue;
        };
        if label.asm != asm.id {
            continue; // reported where it was used
        }
        let Some(state) = asm.labels.get(label.index as usize) else {
            continue;
        };
        let (label, used) = (state.name.clone(), item.place.clone());
        match &state.bound {
            None => errors.push(AsmError::UnboundLabel { label, used, made: state.made.clone() }),
            Some((position, bound)) if *position == asm.items.len() => {
                errors.push(AsmError::LabelAtEnd { label, bound: bound.clone(), used });
            }
            Some(_) => {}
        }
    }
}

/// Functions must have bodies; they are put into the order of their first instruction, and targets follow.
fn check_functions(asm: &mut Asm, errors: &mut Vec<AsmError>) {
    let end = asm.items.len();
    for function in &asm.functions {
        if function.body.as_ref().is_none_or(|(start, _)| *start >= end) && end > 0 {
            let (name, declared) = (function.name.clone(), function.declared.clone());
            errors.push(AsmError::FunctionWithoutBody { name, declared });
        }
    }
    for item in &asm.items {
        if let Target::Function(function) = item.target
            && asm.functions.get(function.0 as usize).is_none()
        {
            errors.push(AsmError::ForeignLabel { used: item.place.clone() });
        }
    }
    if !errors.is_empty() {
        return;
    }
    let start = |index: &u32| asm.functions[*index as usize].body.as_ref().map_or(0, |(start, _)| *start);
    let mut order: Vec<u32> = (0..).take(asm.functions.len()).collect();
    order.sort_by_key(start); // stable, so the entry stays first
    for pair in order.windows(2) {
        if start(&pair[0]) == start(&pair[1]) {
            let state = &asm.functions[pair[0] as usize];
            let (name, declared) = (state.name.clone(), state.declared.clone());
            errors.push(AsmError::FunctionWithoutBody { name, declared });
        }
    }
    for item in &mut asm.items {
        if let Target::Function(function) = &mut item.target {
            let position = order.iter().position(|index| *index == function.0).unwrap_or(0);
            function.0 = u32::try_from(position).unwrap_or(0);
        }
    }
    let mut functions: Vec<_> = asm.functions.drain(..).map(Some).collect();
    asm.functions = order.iter().filter_map(|index| functions[*index as usize].take()).collect();
}

/// The first slot of each item, and the slot after the last.
fn slots(items: &[Pending]) -> Vec<i64> {
    let mut next = 0;
    let mut slots = Vec::with_capacity(items.len() + 1);
    for item in items {
        slots.push(next);
        next += item.code.slots() as i64;
    }
    slots.push(next);
    slots
}

/// The item that a jump or call leads to, and the name and place of that target.
fn target(asm: &Asm, item: &Pending) -> Option<(usize, String, Place)> {
    match item.target {
        Target::None | Target::Kernel(_) => None,
        Target::Label(label) => {
            let state = asm.labels.get(label.index as usize)?;
            let (position, place) = state.bound.clone()?;
            Some((position, state.name.clone(), place))
        }
        Target::Function(function) => {
            let state = asm.functions.get(function.0 as usize)?;
            let (position, place) = state.body.clone()?;
            Some((position, state.name.clone(), place))
        }
    }
}

/// Whether an instruction's jump has only 16 bits for its distance.
fn is_short(code: &Code) -> bool {
    matches!(code, Code::Insn(Insn::Goto { .. } | Insn::MayGoto { .. } | Insn::JumpIf { .. }))
}

/// Replaces jumps that 16 bits don't reach by long ones, if the instruction set has them.
///
/// A conditional jump keeps its condition and goes around: `if c goto far` becomes `if c goto +1; goto +1; gotol far`.
/// Growing the code can push other jumps out of reach, so this goes on until nothing changes.
fn relax(asm: &mut Asm) {
    if asm.level < IsaLevel::V4 {
        return;
    }
    loop {
        let slots = slots(&asm.items);
        let far = asm.items.iter().enumerate().find(|(index, item)| {
            is_short(&item.code)
                && !matches!(item.code, Code::Insn(Insn::MayGoto { .. }))
                && target(asm, item)
                    .is_some_and(|(to, ..)| i16::try_from(slots[to] - slots[index + 1]).is_err())
        });
        let Some((index, item)) = far else { return };
        let mut item = item.clone();
        let conditional = matches!(item.code, Code::Insn(Insn::JumpIf { .. }));
        let jump = Pending { code: Code::Insn(Insn::GotoLong { off: 0 }), ..item.clone() };
        if conditional {
            if let Code::Insn(Insn::JumpIf { off, .. }) = &mut item.code {
                *off = 1;
            }
            item.target = Target::None;
            let over = Pending { code: Code::Insn(Insn::Goto { off: 1 }), ..item.clone() };
            asm.items.splice(index..=index, [item, over, jump]);
            move_positions(asm, index, 2);
        } else {
            asm.items[index] = jump;
        }
    }
}

/// Moves what is bound after an item, where `count` items were put in.
fn move_positions(asm: &mut Asm, item: usize, count: usize) {
    let labels = asm.labels.iter_mut().filter_map(|label| label.bound.as_mut());
    let functions = asm.functions.iter_mut().filter_map(|function| function.body.as_mut());
    for (position, _) in labels.chain(functions).filter(|(position, _)| *position > item) {
        *position += count;
    }
}

/// Writes the distances into the instructions.
fn patch(asm: &mut Asm, errors: &mut Vec<AsmError>) {
    let slots = slots(&asm.items);
    for index in 0..asm.items.len() {
        let item = &asm.items[index];
        let Some((to, label, bound)) = target(asm, item) else {
            continue;
        };
        // The two slots of a function's address count from after the first.
        let from = slots[index] + 1;
        let distance = slots[to] - from;
        let short = i16::try_from(distance);
        let fitted = match item.code {
            Code::Insn(Insn::Goto { .. }) => short.ok().map(|off| Insn::Goto { off }),
            Code::Insn(Insn::MayGoto { .. }) => short.ok().map(|off| Insn::MayGoto { off }),
            Code::Insn(Insn::JumpIf { width, cond, dst, src, .. }) => {
                short.ok().map(|off| Insn::JumpIf { width, cond, dst, src, off })
            }
            Code::Insn(Insn::GotoLong { .. }) => {
                i32::try_from(distance).ok().map(|off| Insn::GotoLong { off })
            }
            Code::Insn(Insn::CallLocal { .. }) => {
                i32::try_from(distance).ok().map(|off| Insn::CallLocal { off })
            }
            Code::Insn(Insn::LoadImm64 { dst, value: Imm64::Func(_) }) => {
                i32::try_from(distance).ok().map(|off| Insn::LoadImm64 { dst, value: Imm64::Func(off) })
            }
            Code::Insn(_) | Code::Raw(_) => continue,
        };
        match fitted {
            Some(insn) => asm.items[index].code = Code::Insn(insn),
            None => {
                let from = item.place.clone();
                errors.push(AsmError::JumpOutOfRange { label, from, to: bound, distance });
            }
        }
    }
}
