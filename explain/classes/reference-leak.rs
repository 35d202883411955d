use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "something acquired is never given back",
    why: "Every reserved record and every looked-up socket must be submitted, discarded or released on every path to the exit.",
    fix: "Give it back before the exit on this path too.",
    lesson: lesson("references", 10),
    turn: |fault, _| {
        let leaks = fault.detail(Kind::ReferenceLeak).into_iter();
        let mut said = leaks.chain(fault.said.iter().cloned());
        let slot = said.find_map(|message| usize::try_from(message.fields.number("insn")?).ok())?;
        let step = fault.path.steps().iter().rposition(|step| step.slot == slot)?;
        Some((step, "what is never given back is acquired here".to_owned()))
    },
    ..PLAIN
};
