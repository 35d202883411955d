use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a register is read that nothing on this path has written",
    why: "At the start only r1 (the context) and r10 hold something, and every call leaves r1 to r5 without a value.",
    fix: "Write the register first; keep values over calls in r6 to r9 or on the stack.",
    lesson: lesson("registers", 10),
    note: |fault| {
        let is_argument = matches!(fault.register?.number(), 2..=5);
        let calls = |step: &usize| {
            matches!(
                fault.path.insn(*step),
                Some(Insn::CallHelper { .. } | Insn::CallKfunc { .. } | Insn::CallLocal { .. })
            )
        };
        let lost = (0..fault.step?).any(|step| calls(&step));
        (is_argument && fault.frame == 0 && fault.path.is_whole() && !lost)
            .then(|| "a program has one argument, in r1: r2 to r5 hold nothing at its start".to_owned())
    },
    ..PLAIN
};
