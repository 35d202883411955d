use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the argument is no such dynptr",
    why: "A dynptr is 16 bytes of stack, aligned to 8, that one helper fills and others read. Each call says which kind it takes, and whether it must be new.",
    fix: "Give the address of the whole dynptr on the stack, one that is new where the call makes it, and of the kind that the call takes.",
    lesson: lesson("helpers", 76),
    docs: pages::KERNEL_FUNCTIONS,
    remedy: |_| {
        Some(Remedy {
            c: "struct bpf_dynptr ptr; bpf_dynptr_from_xdp(ctx, 0, &ptr);",
            rust: "let mut ptr = MaybeUninit::<bpf_dynptr>::uninit(); and pass ptr.as_mut_ptr()",
            asm: "16 bytes at r10-16 that nothing else writes: r4 = r10; r4 += -16",
        })
    },
    ..PLAIN
};
