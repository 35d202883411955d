use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a map value access that is not aligned",
    why: "With BPF_F_STRICT_ALIGNMENT, or on machines that can't load unaligned, each access must be aligned to its size.",
    fix: "Use a member whose offset is a multiple of its size, or load byte by byte.",
    lesson: lesson("map-values", 60),
    docs: pages::ALIGNMENT,
    remedy: |_| {
        Some(Remedy {
            c: "members from large to small and no __attribute__((packed)); or __builtin_memcpy(&x, p, sizeof(x)) of a packed one",
            rust: "#[repr(C)] rather than #[repr(C, packed)]; or p.read_unaligned()",
            asm: "*(u8 *) for each byte, put together by <<= and |=",
        })
    },
    ..PLAIN
};
