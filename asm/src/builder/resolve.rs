//! From labels to distances: the last step of the assembler.

use super::reach::leave_out_unreached;
use super::relax::{relax, slots};
use super::{Asm, AsmError, AsmErrors, Pending, Target, ends};
use crate::insn::{Imm64, Insn};
use crate::program::{Code, Function, Place, Program};
use crate::types::Extern;

pub(super) fn finish(mut asm: Asm) -> Result<Program, AsmErrors> {
    let mut errors = std::mem::take(&mut asm.errors);
    if asm.items.is_empty() {
        errors.push(AsmError::Empty { name: asm.name.clone(), declared: asm.functions[0].declared.clone() });
    }
    check_labels(&asm, &mut errors);
    check_functions(&mut asm, &mut errors);
    if errors.is_empty() && asm.only_reached {
        leave_out_unreached(&mut asm);
    }
    if errors.is_empty() && !asm.falls_off {
        ends::check(&asm, &mut errors);
    }
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
        let Target::Kernel(number) = item.target else { continue };
        if let Some(named) = externs.get_mut(number) {
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
        let names = || (state.name.clone().into_owned(), item.place.clone());
        match &state.bound {
            None => {
                let ((label, used), made) = (names(), state.made.clone());
                errors.push(AsmError::UnboundLabel { label, used, made });
            }
            Some((position, bound)) if *position == asm.items.len() => {
                let ((label, used), bound) = (names(), bound.clone());
                errors.push(AsmError::LabelAtEnd { label, bound, used });
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
        let Target::Function(function) = item.target else { continue };
        if asm.functions.get(function.0 as usize).is_none() {
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

/// The item that a jump or call leads to, and the name and place of that target.
fn target<'a>(asm: &'a Asm, item: &Pending) -> Option<(usize, &'a str, &'a Place)> {
    match item.target {
        Target::None | Target::Kernel(_) => None,
        Target::Label(label) => {
            let state = asm.labels.get(label.index as usize)?;
            let (position, place) = state.bound.as_ref()?;
            Some((*position, &state.name, place))
        }
        Target::Function(function) => {
            let state = asm.functions.get(function.0 as usize)?;
            let (position, place) = state.body.as_ref()?;
            Some((*position, &state.name, place))
        }
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
                let (from, to, label) = (item.place.clone(), bound.clone(), label.to_owned());
                errors.push(AsmError::JumpOutOfRange { label, from, to, distance });
            }
        }
    }
}
