use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the kernel refuses the program's types",
    why: "BTF is checked when it is loaded, before the program. Older kernels don't know newer kinds, and no kernel takes types that contradict each other.",
    fix: "Use a loader that adapts the types to the kernel (libbpf, aya, cilium/ebpf do), or leave out what the kernel doesn't know.",
    no_lesson: Some("The types are refused before there is a program to verify."),
    blame: Blame::Kernel,
    docs: pages::TYPES,
    remedy: |_| {
        Some(Remedy {
            c: "a newer libbpf, or pahole -J --btf_features; strip -g removes the types with the lines",
            rust: "bpf-linker --disable-btf=false with btf patched by aya's EbpfLoader; or strip the debug information",
            asm: "load without BTF where nothing needs it",
        })
    },
    ..PLAIN
};
