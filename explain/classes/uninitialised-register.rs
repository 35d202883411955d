use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a register is read that nothing on this path has written",
    why: "At the start only r1 (the context) and r10 hold something, and every call leaves r1 to r5 without a value.",
    fix: "Write the register first; keep values over calls in r6 to r9 or on the stack.",
    lesson: lesson("registers", 10),
    docs: pages::MESSAGES,
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
    remedy: |fault| {
        let is_lost =
            fault.register.is_some_and(|reg| (1..=5).contains(&reg.number())) && called_before(fault);
        Some(if is_lost {
            Remedy {
                c: "clang keeps values over calls by itself: look at asm volatile around the call, which must name r1 to r5 as clobbered",
                rust: "LLVM keeps values over calls by itself: look at core::arch::asm! around the call",
                asm: "r6 = r1 before the call, and r6 after it",
            }
        } else {
            Remedy {
                c: "int x = 0; clang warns with -Wuninitialized; a program has one argument, ctx: more of them come through BPF_PROG(…) or PT_REGS_PARM2(ctx)",
                rust: "rustc refuses it but for MaybeUninit and asm!; a program has one argument: others come through ctx.arg(n)",
                asm: "r2 = 0, or what it is meant to hold, on each way here",
            }
        })
    },
    ..PLAIN
};
