use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a packet access that is not aligned, with strict alignment",
    why: "With strict alignment, packet accesses must be aligned, and the packet starts 2 bytes after a multiple of 4.",
    fix: "Load without BPF_F_STRICT_ALIGNMENT, or load byte by byte.",
    lesson: lesson("packets", 110),
    docs: pages::ALIGNMENT,
    remedy: |_| {
        Some(Remedy {
            c: "load without BPF_F_STRICT_ALIGNMENT (bpf_program__set_flags); else __builtin_memcpy from the packet to a variable",
            rust: "core::ptr::read_unaligned(p)",
            asm: "r3 = *(u8 *)(r2 +0) for each byte, put together by <<= and |=",
        })
    },
    ..PLAIN
};
