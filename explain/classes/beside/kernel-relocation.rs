use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the kernel finds no match for a relocation",
    why: "The program carries CO-RE relocations for the kernel to apply, and a type, member or value isn't in this kernel, or the instruction doesn't fit the member.",
    fix: "Guard what may be missing by bpf_core_field_exists, and access members with their own size.",
    no_lesson: Some("A case is a program whose relocations are applied."),
    blame: Blame::Kernel,
    docs: pages::CO_RE,
    remedy: |_| {
        Some(Remedy {
            c: "if (bpf_core_field_exists(p->member)) … BPF_CORE_READ(p, member)",
            rust: "choose the program by the kernel's BTF; aya relocates before it loads",
            asm: "load from an object with the relocations applied by its loader",
        })
    },
    ..PLAIN
};
