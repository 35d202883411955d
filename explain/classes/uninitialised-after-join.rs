use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "only one of two branches writes a register that is read where they meet",
    why: "Each path is walked by itself, and on this one nothing has written the register.",
    fix: "Write the register before the branch.",
    lesson: lesson("registers", 30),
    docs: pages::VERIFIER,
    when: |e| e.unwritten() == Some(Unwritten::AfterJoin),
    turn: |fault, _| {
        let step = missing::skipping_jump(fault)?;
        let reg = fault.register_name();
        Some((step, format!("this jump is taken, and skips what writes {reg}")))
    },
    note: |fault| missing::write(fault, fault.register?),
    remedy: |_| {
        Some(Remedy {
            c: "int x = 0; clang warns with -Wsometimes-uninitialized",
            rust: "rustc refuses it but for MaybeUninit and asm!: let x = 0; before the branch",
            asm: "r6 = 0 before the jump",
        })
    },
    ..PLAIN
};
