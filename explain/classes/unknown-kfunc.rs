use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a call of a kernel function that does not exist",
    why: "Kernel functions are called by their BTF id, which differs from kernel to kernel and is put in by the loader.",
    fix: "Let the loader resolve the function, and check that the kernel exports it for this program type.",
    blame: Blame::Kernel,
    lesson: lesson("helpers", 100),
    docs: pages::KERNEL_FUNCTIONS,
    when: |e| e.reserved() == Some(Reserved::Call),
    remedy: |_| {
        Some(Remedy {
            c: "extern … __ksym __weak; and if (bpf_ksym_exists(function)) around the call; bpftool btf dump file /sys/kernel/btf/vmlinux | grep NAME tells whether there is one",
            rust: "look the function up in the kernel's BTF before loading, and load a program without the call where it's missing",
            asm: "source register 2 (BPF_PSEUDO_KFUNC_CALL), imm = the function's id in this kernel's BTF, off = 0 (vmlinux) or the index of the module's descriptor",
        })
    },
    ..PLAIN
};
