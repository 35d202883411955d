use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "arguments on the stack break a rule",
    why: "Since Linux 7.2 functions may have more than five arguments, of which the others are stored through r11, in order and all of them, right before the call.",
    fix: "Store each argument before the call, or pass a struct by pointer.",
    no_lesson: Some(
        "Arguments on the stack came with Linux 7.2, after the kernel that the lessons are about.",
    ),
    docs: pages::VERIFIER,
    remedy: |_| {
        Some(Remedy {
            c: "put the arguments in a struct and pass its address",
            rust: "pass a reference to a struct",
            asm: "store each argument through r11 before the call, load them before any store or call",
        })
    },
    ..PLAIN
};
