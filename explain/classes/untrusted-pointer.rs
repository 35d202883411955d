use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the pointer is not trusted here",
    why: "Kernel functions take objects that are sure to live: acquired by the program, arguments of its hook, or read in a section that protects them. A pointer that was loaded from a struct, or moved, is not; memory of user space and per-CPU memory are read by helpers only.",
    fix: "Acquire the object first (a `_acquire` or `_from_` function), or use it as the hook gave it; read user or per-CPU memory by its helper.",
    lesson: lesson("kernel", 30),
    docs: pages::KERNEL_FUNCTIONS,
    remedy: |_| {
        Some(Remedy {
            c: "p = bpf_task_acquire(task); if (!p) return 0; … bpf_task_release(p); or bpf_copy_from_user(), bpf_per_cpu_ptr()",
            rust: "acquire by the kfunc, check for NULL, release; bpf_probe_read_user for memory of user space",
            asm: "pass the register that the acquiring call has given, unmoved",
        })
    },
    ..PLAIN
};
