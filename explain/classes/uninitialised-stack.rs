use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the program reads stack bytes that it never wrote",
    why: "The stack may still hold kernel data: reading it needs CAP_PERFMON (and Linux 6.3).",
    fix: "Write the slot before it is read.",
    blame: Blame::Privilege,
    lesson: lesson("stack", 20),
    docs: pages::MESSAGES,
    remedy: |_| {
        Some(Remedy {
            c: "struct key key = {}; leaves padding: __builtin_memset(&key, 0, sizeof(key)) writes all; or setcap cap_bpf,cap_perfmon+ep LOADER",
            rust: "a #[repr(C)] struct whose padding is a member (pad: [u8; 3]); mem::zeroed() else",
            asm: "*(u64 *)(r10 -8) = 0 before the read, for each slot of it",
        })
    },
    ..PLAIN
};
