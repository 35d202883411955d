use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "an argument is not what the kernel function takes",
    why: "The arguments of a kernel function are checked by its types in the kernel's BTF: which struct, trusted or not, constant or not, with which size beside it.",
    fix: "Pass what the prototype in vmlinux.h names, obtained in the way that the kernel function asks for.",
    lesson: lesson("kernel", 40),
    docs: pages::KERNEL_FUNCTIONS,
    remedy: |_| {
        Some(Remedy {
            c: "declare it from vmlinux.h: extern … __ksym; a size marked __k must be a constant",
            rust: "declare it as in the kernel's BTF, and pass the pointer that a kfunc, a context or a map gave, unmoved",
            asm: "r1 to r5 as in the prototype; constants by `rN = imm`, pointers without added offset",
        })
    },
    ..PLAIN
};
