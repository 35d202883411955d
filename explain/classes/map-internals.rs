use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the kernel's struct of a map is written",
    why: "The address of a map is the kernel's own struct: a few of its fields may be read, none written.",
    fix: "Look up a value, and write that.",
    lesson: lesson("pointers", 90),
    docs: pages::VERIFIER,
    when: |e| e.held() == Some(Held::Map),
    remedy: |_| {
        Some(Remedy {
            c: "__u64 *v = bpf_map_lookup_elem(&map, &key); if (v) *v = 1;",
            rust: "if let Some(v) = MAP.get_ptr_mut(&key) { unsafe { *v = 1 } }",
            asm: "the store through r0 of bpf_map_lookup_elem#1, after its comparison with 0",
        })
    },
    ..PLAIN
};
