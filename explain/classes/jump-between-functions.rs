use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a jump leads from one function into another",
    why: "Functions are entered by calls only: a jump must stay in its function.",
    fix: "Call the function, or keep the jump's target inside.",
    lesson: lesson("code", 40),
    docs: pages::JUMPS,
    when: |e| e.is(&[Kind::JumpOutOfRange]) && target_exists(e),
    remedy: |_| {
        Some(Remedy {
            c: "compilers make no such jump: look for `goto` in asm volatile, or for a function that was cut out of its section",
            rust: "compilers make no such jump: look for `goto` in core::arch::asm!",
            asm: "call LABEL, and labels for jumps inside of the function",
        })
    },
    ..PLAIN
};

/// Whether the jump's target is an instruction, in another function.
fn target_exists(e: &Evidence<'_>) -> bool {
    let Some(to) = e.number("to").and_then(|to| usize::try_from(to).ok()) else { return false };
    match e.program {
        Some(program) => to < program.slot_count(),
        None => e.fault.path.reading.functions.iter().any(|start| *start > 0 && to >= *start),
    }
}
