use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the kernel's compiler (JIT) can't do this, or is off",
    why: "The verifier accepted the instructions, but native code is needed for them, and this processor's or kernel's JIT compiler doesn't have them or is disabled.",
    fix: "Enable the JIT (sysctl net.core.bpf_jit_enable=1), use a newer kernel, or avoid what is named.",
    no_lesson: Some(
        "It depends on the processor and on the kernel's compiler for it, not on the program alone.",
    ),
    blame: Blame::Kernel,
    docs: pages::COMPILER,
    remedy: |_| {
        Some(Remedy {
            c: "make functions __always_inline, and don't call kfuncs",
            rust: "#[inline(always)] on the functions",
            asm: "no call of a kernel function, and no instruction of a later instruction set (-mcpu=v4)",
        })
    },
    words: |fault, plain| {
        if !fault.path.reading.messages.is_empty() {
            return plain;
        }
        Words {
            title: "the verifier accepted the program, and it was refused after that",
            why: "The log ends as that of an accepted program, and the loader reports error 524: mostly the kernel's compiler (JIT) \
                  lacks something that the program uses, or has no memory for it.",
            fix: "See the kernel's own log (dmesg), enable the JIT (sysctl net.core.bpf_jit_enable=1), or use a newer kernel.",
        }
    },
    ..PLAIN
};
