use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a rule of arenas is broken",
    why: "A program has at most one arena, mapped into user space before the load, and its pointers are in address space 1; access needs the JIT and CAP_BPF with CAP_PERFMON.",
    fix: "Use one arena, mmap it first, and cast pointers by addr_space_cast (the compiler does that for __arena).",
    lesson: lesson("pointers", 100),
    docs: pages::KERNEL_FUNCTIONS,
    remedy: |_| {
        Some(Remedy {
            c: "struct { __uint(type, BPF_MAP_TYPE_ARENA); … } arena SEC(\".maps\"); and __arena on pointers",
            rust: "keep the data in an array or hash map: Rust has no address spaces",
            asm: "rN = addr_space_cast(rM, 0, 1)",
        })
    },
    ..PLAIN
};
