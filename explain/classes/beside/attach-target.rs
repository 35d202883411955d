use super::vocabulary::*;

pub(super) const CLASS: Facts = Facts {
    title: "the program does not fit what it attaches to",
    why: "Programs of tracing, LSM, struct_ops and extensions name a function of the kernel or of a program, and its types decide what the program may be.",
    fix: "Check the name in the section or loader against this kernel's BTF, and the signature of the program with it.",
    no_lesson: Some(
        "What a program is for is a number in one kernel's types, and a case is for all kernels.",
    ),
    blame: Blame::Kernel,
    docs: pages::PROGRAM_TYPES,
    remedy: |_| {
        Some(Remedy {
            c: "bpftool btf dump file /sys/kernel/btf/vmlinux | grep NAME, and bpf_program__set_attach_target()",
            rust: "Btf::from_sys_fs(), and the function name in #[fentry(function = \"…\")]",
            asm: "attach_btf_id and, for programs, attach_prog_fd of the load",
        })
    },
    ..PLAIN
};
