use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "a number, or a pointer known to be NULL, is dereferenced",
    why: "The register holds a number on this path, not a pointer: NULL after a failed check, a constant, or an address that went through memory.",
    fix: "Dereference only on the path where the pointer isn't NULL; get pointers from helpers, not from numbers.",
    lesson: lesson("null", 20),
    docs: pages::VERIFIER,
    when: |e| e.held() == Some(Held::Number),
    remedy: |fault| {
        Some(if comes_from_memory(fault) {
            Remedy {
                c: "an address that was loaded: BPF_CORE_READ(p, member) or bpf_probe_read_kernel(&copy, sizeof(copy), p) (user \
                    space: bpf_probe_read_user), or a program with types (fentry, tp_btf), which may look through it",
                rust: "an address that was loaded: unsafe { bpf_probe_read_kernel(p) } (user space: bpf_probe_read_user), or a \
                       program with types (#[fentry], #[btf_tracepoint])",
                asm: "r1 = buffer on the stack; r2 = size; r3 = the address; call bpf_probe_read_kernel#113",
            }
        } else {
            Remedy {
                c: "if (!p) return 0; before the access, on the same path",
                rust: "let Some(value) = map.get(&key) else { return 0 }; or if p.is_null() { return 0 }",
                asm: "if rN == 0 goto out, and the access on the path that falls through",
            }
        })
    },
    ..PLAIN
};
