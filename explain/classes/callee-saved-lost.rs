use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a called function does not see its caller's registers",
    why: "Each function of the program starts with r1 to r5 as its arguments and nothing else: r6 to r9 of the caller are kept for the caller, not given to the callee.",
    fix: "Pass the value as an argument.",
    lesson: lesson("registers", 40),
    docs: pages::VERIFIER,
    when: |e| e.unwritten() == Some(Unwritten::CalleeSaved),
    turn: |fault, last| {
        let step = (0..last).rev().find(|step| fault.path.steps()[*step].frame < fault.frame)?;
        let reg = fault.register_name();
        Some((step, format!("the call begins a function that doesn't have its caller's {reg}")))
    },
    remedy: |_| {
        Some(Remedy {
            c: "asm volatile must name what it reads: a parameter of the function, static int f(void *ctx, __u32 n); up to five",
            rust: "core::arch::asm! must name what it reads: a parameter of the function",
            asm: "r2 = r7 before the call, and r2 in the callee",
        })
    },
    ..PLAIN
};
