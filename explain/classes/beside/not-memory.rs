use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "memory is accessed through something that is no pointer to memory",
    why: "Loads and stores go through pointers whose memory the verifier knows. This register holds something else.",
    fix: "Look at what the register holds before the instruction, and load through the pointer that was meant.",
    no_lesson: Some(
        "It's the class of logs that don't show what the register held; where they do, another class has a lesson.",
    ),
    docs: pages::VERIFIER,
    remedy: |_| {
        Some(Remedy {
            c: "read memory of the kernel by bpf_probe_read_kernel() or BPF_CORE_READ()",
            rust: "unsafe { bpf_probe_read_kernel(pointer) }",
            asm: "call bpf_probe_read_kernel#113 with r1 = buffer on the stack, r2 = size, r3 = address",
        })
    },
    ..PLAIN
};
