use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a tail call, or a classic packet load, stands in a function where it may not",
    why: "Both may end the function early. In functions of a program they are allowed only where the JIT can do that, with BTF that says that the function returns an int, not in callbacks, and with at most 256 bytes of stack in the callers.",
    fix: "Do it in the main program, or give the function the result int and compile with BTF.",
    lesson: lesson("helpers", 105),
    docs: pages::DESIGN,
    remedy: |_| {
        Some(Remedy {
            c: "make the function static __always_inline",
            rust: "#[inline(always)] on the function that calls tail_call",
            asm: "move the call of bpf_tail_call#12 into the main program",
        })
    },
    ..PLAIN
};
