use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a symbol or type of the kernel is not there",
    why: "The program names a variable, function or type by its BTF id, and this kernel has none with it.",
    fix: "Declare the symbol as __weak and check for it, or use a kernel that has it, built with CONFIG_DEBUG_INFO_BTF.",
    blame: Blame::Kernel,
    lesson: lesson("code", 170),
    docs: pages::KERNEL_FUNCTIONS,
    remedy: |_| {
        Some(Remedy {
            c: "extern const int symbol __ksym __weak; if (&symbol) …",
            rust: "check the kernel's BTF before loading, and choose the program by it",
            asm: "let the loader resolve the symbol",
        })
    },
    ..PLAIN
};
