use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a struct of the kernel is accessed otherwise than its type allows",
    why: "Pointers to kernel structs are read by whole members at their place in the kernel's BTF; writing is allowed to few members for few programs.",
    fix: "Read the member with its own size, by CO-RE, and write only what the hook allows.",
    lesson: lesson("kernel", 10),
    docs: pages::CO_RE,
    remedy: |_| {
        Some(Remedy {
            c: "BPF_CORE_READ(p, member), or p->member with vmlinux.h",
            rust: "read the member by its binding from aya-tool, or by bpf_probe_read_kernel(&(*p).member)",
            asm: "load with the member's own width at its offset in this kernel",
        })
    },
    ..PLAIN
};
