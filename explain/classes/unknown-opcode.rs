use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the code has no such instruction",
    why: "This kernel's instruction set doesn't have it: newer instructions are unknown to older kernels.",
    fix: "Emit code for the kernel's instruction set (clang: -mcpu=v3 or lower).",
    blame: Blame::Kernel,
    lesson: lesson("code", 60),
    docs: pages::INSTRUCTIONS,
    when: |e| {
        // Load-acquire and store-release are atomic opcodes of newer kernels.
        let ordered = e.is(&[Kind::AtomicOpcode]) && matches!(e.text("opcode"), Some("100" | "110"));
        ordered || e.reserved() == Some(Reserved::NewerInsn)
    },
    note: |fault| {
        let (message, _) = fault.message.as_ref()?;
        (message.fields.text("opcode") == Some("8d")).then(|| {
            "8d is a call through a register, as clang makes it of function pointers: build with -O2 and inline the function".to_owned()
        })
    },
    remedy: |fault| {
        let opcode =
            fault.message.as_ref().and_then(|(message, _)| message.fields.text("opcode")).unwrap_or_default();
        Some(if opcode == "8d" {
            Remedy {
                c: "switch over the functions, or __always_inline with a constant function pointer, at -O2",
                rust: "generics or closures (impl Fn) rather than dyn Trait or fn pointers, at opt-level = 3",
                asm: "call of a label: there is no call through a register",
            }
        } else if opcode == "e5" {
            Remedy {
                c: "a counted for loop: can_loop and cond_break need Linux 6.9, bpf_for 6.4, bpf_loop() 5.17",
                rust: "for i in 0..N with a constant N; bpf_loop from Linux 5.17 on",
                asm: "if r6 < 100 goto head: may_goto needs Linux 6.9",
            }
        } else {
            Remedy {
                c: "clang -mcpu=v2 (from Linux 5.1 on v3, from 6.6 on v4), and __sync_fetch_and_add() without its result before 5.12",
                rust: "-C target-cpu=v2 (from Linux 5.1 on v3, from 6.6 on v4), and fetch_add() without its result before 5.12",
                asm: "an instruction that the kernel has: docs/instructions.md says since when each is there",
            }
        })
    },
    ..PLAIN
};
